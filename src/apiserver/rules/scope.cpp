#include "apiserver/rules/scope.h"

#include <fmt/format.h>

#include "apiserver/rules/fields.h"
#include "base/text.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/problem.h"

namespace vmsecurity::apiserver {

base::Result<void> check_scope(std::string_view scope, std::string_view pointer) {
    if (base::trim(scope).empty()) return {};
    odata::QueryText text;
    text.filter = scope;
    const auto query = odata::read_query(model::api::kAssetsCollection, text, {});
    if (query) return {};
    const auto problem = odata::problem_of(query.error());
    if (!problem) return base::fail(query.error());
    return base::fail(field_error(pointer, fmt::format("the scope is wrong at character {}: {}",
                                                       problem->position, problem->message)));
}

}  // namespace vmsecurity::apiserver
