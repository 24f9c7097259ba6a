#include "apiserver/access/row_access.h"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "apiserver/access/authorize.h"
#include "apiserver/rules/fields.h"
#include "odata/bind.h"
#include "odata/literal.h"

namespace vmsecurity::apiserver {

namespace {

bool owns(const Principal& principal, const boost::json::object& object) {
    return principal.role == Role::kAdmin || text_at(object, {"owner"}) == principal.name;
}

odata::BoundExpression both(odata::BoundExpression first, odata::BoundExpression second) {
    odata::BoundLogical conjunction{odata::LogicalOperator::kAnd, {}};
    conjunction.operands.push_back(std::move(first));
    conjunction.operands.push_back(std::move(second));
    odata::BoundExpression expression;
    expression.kind = odata::ValueKind::kBoolean;
    expression.node = std::move(conjunction);
    return expression;
}

}  // namespace

bool has_owners(const model::schema::Collection& collection) {
    return collection.name == "savedViews";
}

base::Result<void> restrict_query(const model::schema::Collection& collection,
                                  const Principal& principal, odata::BoundQuery& query) {
    if (!has_owners(collection) || principal.role == Role::kAdmin) return {};
    const std::string filter =
        "owner eq " + odata::text_literal(principal.name) + " or shared eq true";
    odata::QueryText text;
    text.filter = filter;
    VMSECURITY_ASSIGN(odata::BoundQuery visible, odata::read_query(collection, text, {}));
    if (query.apply) {
        query.apply->before.insert(query.apply->before.begin(), std::move(*visible.options.filter));
    } else if (query.options.filter) {
        query.options.filter =
            both(std::move(*visible.options.filter), std::move(*query.options.filter));
    } else {
        query.options.filter = std::move(visible.options.filter);
    }
    return {};
}

bool may_see(const model::schema::Collection& collection, const Principal& principal,
             const boost::json::object& object) {
    if (!has_owners(collection) || owns(principal, object)) return true;
    const boost::json::value* shared = object.if_contains("shared");
    return shared != nullptr && shared->is_bool() && shared->get_bool();
}

std::optional<Refusal> refuse_write(const model::schema::Collection& collection,
                                    const Principal& principal, const boost::json::object* before,
                                    const boost::json::object* after) {
    if (has_owners(collection) && before != nullptr && !owns(principal, *before)) {
        return forbidden("this saved view is somebody else's; save one of your own");
    }
    if (principal.role == Role::kScanner && before != nullptr && after != nullptr) {
        for (const std::string_view member : std::array{"asset", "scan", "provider"}) {
            if (text_at(*before, {member, "id"}) == text_at(*after, {member, "id"})) continue;
            return Refusal{.status = 400,
                           .message = "a scanner does not choose whose asset scan it is; leave " +
                                      std::string(member) + " as it was",
                           .code = "invalidBody",
                           .target = '/' + std::string(member),
                           .position = std::nullopt,
                           .details = {}};
        }
    }
    return std::nullopt;
}

}  // namespace vmsecurity::apiserver
