#include "apiserver/system/scope_preview.h"

#include <fmt/format.h>

#include "apiserver/http/answer.h"
#include "apiserver/objects/body.h"
#include "apiserver/rules/fields.h"
#include "apiserver/rules/scope.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

net::Response preview_scope(const Call& call) {
    constexpr std::int64_t kDefaultTop = 20;
    net::Response refusal;
    const auto body = read_body(call, model::api::kScopePreviewRequestSchema,
                                model::schema::Mode::kWhole, refusal);
    if (!body) return refusal;
    const std::string_view scope = text_at(*body, {"scope"});
    if (auto checked = check_scope(scope, "/scope"); !checked) return refuse(checked.error());
    const auto* top = at_path(*body, {"top"});
    const std::string top_text =
        fmt::to_string(top == nullptr ? kDefaultTop : top->to_number<std::int64_t>());
    const std::string filter = scope.empty() ? "terminatedOn eq null"
                                             : fmt::format("terminatedOn eq null and ({})", scope);
    odata::QueryText text;
    text.filter = filter;
    text.count = "true";
    text.top = top_text;
    text.orderby = "name";
    const auto query = odata::read_query(model::api::kAssetsCollection, text, {});
    if (!query) return refuse(query.error());
    const auto answer =
        call.services.store.list(model::api::kAssetsCollection, *query, call.request.deadline);
    if (!answer) return refuse(answer.error());
    return json_answer(200, fmt::format("{{\"assets\":[{}],\"count\":{}}}",
                                        fmt::join(answer->items, ","), answer->count.value_or(0)));
}

}  // namespace vmsecurity::apiserver
