#include "odata/bind.h"

#include "odata/problem.h"
#include "odata/query_binder.h"

namespace vmsecurity::odata {
namespace {

// With groups, $filter and $orderby are about the result of $apply.
base::Result<void> bind_on_result(QueryBinder& binder, const Options& options, BoundQuery& made) {
    if (!options.select.empty() || !options.expand.empty()) {
        const bool select = !options.select.empty();
        return fail_at(select ? "$select" : "$expand", 0,
                       "What $apply answers with is named there; leave this option out.");
    }
    if (options.skiptoken) {
        return fail_at("$skiptoken", 0, "Use $skip to page through the result of $apply.");
    }
    const std::vector<ResultColumn>& columns = made.apply->columns;
    if (options.filter) {
        ExpressionBinder filter(Start{}, "$filter", binder.now(), &columns);
        VMSECURITY_ASSIGN(BoundExpression bound, filter.bind_condition(*options.filter));
        made.apply->after.push_back(std::move(bound));
    }
    ExpressionBinder order(Start{}, "$orderby", binder.now(), &columns);
    VMSECURITY_ASSIGN(made.options.orderby, binder.order(order, options.orderby));
    made.options.count = options.count.value_or(false);
    made.options.top = options.top;
    made.options.skip = options.skip;
    return {};
}

}  // namespace

base::Result<BoundQuery> bind(const schema::Collection& collection, const Options& options,
                              const BindSettings& settings) {
    QueryBinder binder(settings);
    BoundQuery made;
    made.collection = &collection;
    made.fingerprint = mix_fingerprint(options.fingerprint, collection.name);
    if (options.apply) {
        VMSECURITY_ASSIGN(made.apply, binder.apply(collection, *options.apply));
        if (made.apply->grouped) {
            VMSECURITY_TRY(bind_on_result(binder, options, made));
            return made;
        }
    }
    VMSECURITY_ASSIGN(made.options,
                      binder.options(Start{{}, &collection, nullptr, nullptr}, options, true));
    made.skiptoken = options.skiptoken;
    return made;
}

base::Result<BoundQuery> read_query(const schema::Collection& collection, const QueryText& text,
                                    const BindSettings& settings) {
    VMSECURITY_ASSIGN(const Options options, parse(text));
    return bind(collection, options, settings);
}

}  // namespace vmsecurity::odata
