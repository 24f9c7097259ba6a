#include "apiserver/rules/suppression.h"

#include <fmt/format.h>

#include "apiserver/rules/fields.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/problem.h"
#include "odata/sql/statements.h"

namespace vmsecurity::apiserver {

namespace {

base::Result<void> check_filter(std::string_view filter) {
    odata::QueryText text;
    text.filter = filter;
    auto query = odata::read_query(model::api::kFindingsCollection, text, {});
    // SQLite bounds how deep an expression may nest.
    const auto statement = query ? odata::sql::match_statement(*query, {})
                                 : base::Result<sql::Statement>(base::fail(query.error()));
    if (statement) return {};
    const auto problem = odata::problem_of(statement.error());
    if (!problem) return base::fail(statement.error());
    return base::fail(field_error("/filter", fmt::format("the filter is wrong at character {}: {}",
                                                         problem->position, problem->message)));
}

base::Result<void> check(ObjectWrite& write) {
    VMSECURITY_TRY(check_relation(*write.after, "asset"));
    const bool has_filter = at_path(*write.after, {"filter"}) != nullptr;
    const bool has_key = !text_at(*write.after, {"findingKey"}).empty();
    if (has_filter == has_key) {
        return base::fail(field_error(
            has_filter ? "/findingKey" : "/filter",
            "a suppression is about the findings of its filter, or about the one that findingKey "
            "(and asset) names; give one of the two"));
    }
    return has_filter ? check_filter(text_at(*write.after, {"filter"})) : base::Result<void>{};
}

}  // namespace

const TypeRules& suppression_rules() {
    static constexpr TypeRules kRules{"suppressions", check, nullptr, nullptr};
    return kRules;
}

}  // namespace vmsecurity::apiserver
