#include "odata/query_binder.h"

#include <fmt/format.h>

#include <algorithm>

#include "odata/names.h"
#include "odata/problem.h"

namespace vmsecurity::odata {
namespace {

// A field on the way of a $select or $expand path, which may lead through collections.
struct Step {
    const schema::Schema* schema = nullptr;  // of the value, or of its elements
    const schema::Type* type = nullptr;      // of the value, or of its elements
    const schema::Collection* relation = nullptr;
    bool many = false;
    std::string_view name;
};

const schema::Schema* schema_of(const Start& start) {
    return start.collection != nullptr ? start.collection->schema : start.type->schema;
}

base::Result<Step> step_into(const schema::Schema* schema, std::string_view owner, const Name& name,
                             std::string_view target) {
    if (schema == nullptr) {
        return fail_at(
            target, name.position,
            fmt::format("'{}' is a single value and has no field '{}'.", owner, name.text));
    }
    const schema::Field* field = schema->find(name.text);
    if (field == nullptr) field = schema->find_in_any_variant(name.text);
    if (field != nullptr) {
        const schema::Type* type = &field->type;
        const bool many = type->kind == schema::Kind::kArray;
        if (many) type = type->element;
        return Step{type->schema, type, field->relation, many, field->name};
    }
    if (!schema->discriminator.empty() && name.text == schema->discriminator) {
        return Step{nullptr, nullptr, nullptr, false, schema->discriminator};
    }
    std::vector<std::string_view> candidates;
    for (const schema::Field& one : schema->fields) candidates.push_back(one.name);
    for (const schema::Variant& variant : schema->variants) {
        for (const schema::Field& one : variant.schema->fields) candidates.push_back(one.name);
    }
    return fail_at(target, name.position,
                   fmt::format("'{}' is no field of {}.{}", name.text, schema->name,
                               suggest(name.text, std::move(candidates))));
}

// Several variants may have a field of this name that is an object in one and a text in another;
// the one whose fields the path goes on with is meant.
base::Result<std::vector<Step>> steps(const schema::Schema* schema, std::string_view owner,
                                      std::span<const Name> path, std::size_t index,
                                      std::string_view target) {
    VMSECURITY_ASSIGN(Step first, step_into(schema, owner, path[index], target));
    if (index + 1 == path.size() || first.relation != nullptr) return std::vector<Step>{first};
    base::Result<std::vector<Step>> rest = steps(first.schema, first.name, path, index + 1, target);
    for (const schema::Variant& variant : schema->variants) {
        if (rest || variant.schema->find(path[index].text) == nullptr) continue;
        base::Result<Step> other = step_into(variant.schema, owner, path[index], target);
        auto other_rest = steps(other->schema, other->name, path, index + 1, target);
        if (other_rest) {
            first = *other;
            rest = std::move(other_rest);
        }
    }
    if (!rest) return rest;
    rest->insert(rest->begin(), first);
    return rest;
}

// Members kept apart are not part of "everything".
bool is_separate(const Start& start, std::string_view member) {
    return start.collection != nullptr && std::ranges::find(start.collection->separate, member) !=
                                              start.collection->separate.end();
}

bool has_options(const Options& options) {
    return options.filter || !options.orderby.empty() || !options.select.empty() ||
           !options.expand.empty() || options.top || options.skip != 0 || options.count;
}

}  // namespace

base::Result<BoundOptions> QueryBinder::options(const Start& start, const Options& options,
                                                bool many) {
    BoundOptions made;
    if (!many && (options.filter || !options.orderby.empty() || options.top || options.skip != 0 ||
                  options.count)) {
        return fail_at(options.target, options.position,
                       "This is a single object. $filter, $orderby, $top, $skip and $count are "
                       "for collections.");
    }
    ExpressionBinder binder(start, options.target.empty() ? "$filter" : options.target, now_);
    if (options.filter) {
        VMSECURITY_ASSIGN(made.filter, binder.bind_condition(*options.filter));
    }
    if (!options.orderby.empty()) {
        ExpressionBinder order_binder(start, options.target.empty() ? "$orderby" : options.target,
                                      now_);
        VMSECURITY_ASSIGN(made.orderby, order(order_binder, options.orderby));
    }
    made.count = options.count.value_or(false);
    made.top = options.top;
    made.skip = options.skip;

    bool everything = false;
    for (const Item& item : options.select) {
        everything = everything || item.star;
        if (item.star) continue;
        VMSECURITY_ASSIGN(BoundSelection one, selection(start, item));
        const auto again = std::ranges::find(made.select, one.path, &BoundSelection::path);
        if (again != made.select.end() && (one.options || again->options)) {
            return fail_at(item.options->target, item.position,
                           fmt::format("'{}' is given twice.", item.path.back().text));
        }
        made.select.push_back(std::move(one));
    }
    if (everything) {
        std::erase_if(made.select, [&](const BoundSelection& one) {
            return !one.options && !is_separate(start, one.path.front());
        });
        // Fields with options of their own stay narrowed: $select=*,tags($top=1).
        if (!made.select.empty()) made.select.push_back(BoundSelection{});
    }
    for (const Item& item : options.expand) {
        if (item.star) {
            VMSECURITY_ASSIGN(made.expand, expand_all(start, item));
            continue;
        }
        VMSECURITY_ASSIGN(BoundExpansion one, expansion(start, item.path, *item.options));
        if (std::ranges::find(made.expand, one.path, &BoundExpansion::path) != made.expand.end()) {
            return fail_at(item.options->target, item.position,
                           fmt::format("'{}' is given twice.", item.path.front().text));
        }
        made.expand.push_back(std::move(one));
    }
    return made;
}

base::Result<std::vector<BoundOrder>> QueryBinder::order(ExpressionBinder& binder,
                                                         const std::vector<OrderItem>& items) {
    std::vector<BoundOrder> made;
    for (const OrderItem& item : items) {
        VMSECURITY_ASSIGN(BoundExpression key, binder.bind_value(item.expression));
        made.push_back({std::move(key), item.descending});
    }
    return made;
}

base::Result<BoundSelection> QueryBinder::selection(const Start& start, const Item& item) {
    const std::string& target = item.options->target;
    const std::string_view owner =
        start.collection != nullptr ? start.collection->singular : std::string_view("the element");
    VMSECURITY_ASSIGN(const std::vector<Step> way,
                      steps(schema_of(start), owner, item.path, 0, target));
    BoundSelection made;
    for (const Step& step : way) made.path.push_back(step.name);
    const Step& last = way.back();
    if (last.relation != nullptr && way.size() < item.path.size()) {
        const Name& next = item.path[way.size()];
        if (next.text != "id" || way.size() + 1 != item.path.size()) {
            return fail_at(target, next.position,
                           fmt::format("'{}' is another object. Use $expand={}($select={}).",
                                       last.name, last.name, next.text));
        }
        made.path.emplace_back("id");
        return made;
    }
    if (!has_options(*item.options)) return made;
    if (last.type == nullptr || (last.schema == nullptr && !last.many)) {
        return fail_at(target, item.position,
                       fmt::format("'{}' is a single value and takes no options.", last.name));
    }
    const Start inside{{}, nullptr, last.type, last.relation};
    VMSECURITY_ASSIGN(BoundOptions nested, options(inside, *item.options, last.many));
    made.options = std::make_unique<BoundOptions>(std::move(nested));
    return made;
}

base::Result<BoundExpansion> QueryBinder::expansion(const Start& start, std::span<const Name> path,
                                                    const Options& options) {
    const std::string& target = options.target;
    const std::string_view owner =
        start.collection != nullptr ? start.collection->singular : std::string_view("the element");
    VMSECURITY_ASSIGN(const std::vector<Step> way, steps(schema_of(start), owner, path, 0, target));
    const Step& last = way.back();
    if (last.relation == nullptr) {
        return fail_at(target, path[way.size() - 1].position,
                       fmt::format("'{}' is part of the object itself and cannot be expanded. Use "
                                   "$select.",
                                   last.name));
    }
    BoundExpansion made;
    for (const Step& step : way) made.path.push_back(step.name);
    made.collection = last.relation;
    made.options = std::make_unique<BoundOptions>();
    const Start inside{{}, last.relation, nullptr, nullptr};
    if (way.size() < path.size()) {  // a/b(...) is a($expand=b(...))
        VMSECURITY_ASSIGN(BoundExpansion nested,
                          expansion(inside, path.subspan(way.size()), options));
        made.options->expand.push_back(std::move(nested));
        return made;
    }
    VMSECURITY_ASSIGN(*made.options, this->options(inside, options, last.many));
    for (const BoundSelection& one : made.options->select) {
        if (one.path.empty() || !is_separate(inside, one.path.front())) continue;
        return fail_at(target, options.position,
                       fmt::format("'{0}' is not given with other objects. Ask for it alone: "
                                   "/{1}/{{id}}?$select={0}.",
                                   one.path.front(), last.relation->name));
    }
    return made;
}

base::Result<std::vector<BoundExpansion>> QueryBinder::expand_all(const Start& start,
                                                                  const Item& item) {
    std::vector<BoundExpansion> made;
    const schema::Schema* schema = schema_of(start);
    if (schema == nullptr) return made;
    for (const schema::Field& field : schema->fields) {
        if (field.relation == nullptr) continue;
        const Name name{std::string(field.name), item.position};
        VMSECURITY_ASSIGN(BoundExpansion one, expansion(start, {&name, 1}, *item.options));
        made.push_back(std::move(one));
    }
    return made;
}

base::Result<BoundApply> QueryBinder::apply(const schema::Collection& collection,
                                            const Apply& apply) {
    BoundApply made;
    ExpressionBinder binder(Start{{}, &collection, nullptr, nullptr}, "$apply", now_);
    for (const Expression& filter : apply.before) {
        VMSECURITY_ASSIGN(BoundExpression bound, binder.bind_condition(filter));
        made.before.push_back(std::move(bound));
    }
    if (!apply.grouping) return made;
    made.grouped = true;
    for (const Path& path : apply.grouping->paths) {
        VMSECURITY_TRY(add_group(binder, path, made));
    }
    for (const AggregateItem& item : apply.grouping->aggregates) {
        VMSECURITY_TRY(add_aggregate(binder, item, made));
    }
    ExpressionBinder after(Start{}, "$apply", now_, &made.columns);
    for (const Expression& filter : apply.after) {
        VMSECURITY_ASSIGN(BoundExpression bound, after.bind_condition(filter));
        made.after.push_back(std::move(bound));
    }
    return made;
}

base::Result<void> QueryBinder::add_group(ExpressionBinder& binder, const Path& path,
                                          BoundApply& made) {
    const std::size_t position = path.names.front().position;
    VMSECURITY_ASSIGN(BoundPath bound, binder.bind_path(path.names));
    const ValueKind kind = value_kind(*bound.type);
    if (kind == ValueKind::kStructure) {
        return fail_at("$apply", position,
                       fmt::format("'{}' is an object or a collection; group by a single value.",
                                   bound.text()));
    }
    ResultColumn column{{}, kind, bound.vocabulary};
    for (const Name& name : path.names) column.path.push_back(name.text);
    if (std::ranges::find(made.columns, column.path, &ResultColumn::path) != made.columns.end()) {
        return fail_at("$apply", position, fmt::format("'{}' is given twice.", bound.text()));
    }
    made.columns.push_back(std::move(column));
    made.groups.push_back({position, kind, std::move(bound)});
    return {};
}

base::Result<void> QueryBinder::add_aggregate(ExpressionBinder& binder, const AggregateItem& item,
                                              BoundApply& made) {
    BoundAggregate bound{item.aggregation, std::nullopt};
    ResultColumn column{{item.alias.text}, ValueKind::kInteger, std::nullopt};
    if (item.operand) {
        VMSECURITY_ASSIGN(bound.operand, binder.bind_value(*item.operand));
        const ValueKind kind = bound.operand->kind;
        const bool number = kind == ValueKind::kInteger || kind == ValueKind::kReal;
        const bool adds =
            item.aggregation == Aggregation::kSum || item.aggregation == Aggregation::kAverage;
        if (adds && !number) {
            return fail_at("$apply", item.operand->position, "sum and average need numbers.");
        }
        if (kind == ValueKind::kBoolean && item.aggregation != Aggregation::kCountDistinct) {
            return fail_at("$apply", item.operand->position, "true and false have no order.");
        }
        if (item.aggregation == Aggregation::kAverage) column.kind = ValueKind::kReal;
        if (item.aggregation == Aggregation::kSum) column.kind = kind;
        if (item.aggregation == Aggregation::kMin || item.aggregation == Aggregation::kMax) {
            column.kind = kind;
            const auto* path = std::get_if<BoundPath>(&bound.operand->node);
            if (path != nullptr) column.vocabulary = path->vocabulary;
        }
    }
    const bool taken = std::ranges::any_of(
        made.columns, [&](const ResultColumn& one) { return one.path.front() == item.alias.text; });
    if (taken) {
        return fail_at("$apply", item.alias.position,
                       fmt::format("The name '{}' is taken already.", item.alias.text));
    }
    made.columns.push_back(std::move(column));
    made.aggregates.push_back(std::move(bound));
    return {};
}

}  // namespace vmsecurity::odata
