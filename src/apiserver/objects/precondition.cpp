#include "apiserver/objects/precondition.h"

#include <fmt/format.h>

#include "apiserver/http/answer.h"
#include "base/text.h"

namespace vmsecurity::apiserver {

std::optional<net::Response> check_precondition(const model::schema::Collection& collection,
                                                std::string_view id,
                                                const std::optional<store::Item>& found,
                                                std::optional<std::int64_t> if_match) {
    if (!found) {
        return refuse(Refusal{.status = 404,
                              .message = fmt::format("there is no {} '{}'", collection.singular,
                                                     base::escape_bytes(id)),
                              .code = "notFound",
                              .target = {},
                              .position = std::nullopt,
                              .details = {}});
    }
    // Objects without revisions have never heeded it.
    if (!if_match || !collection.has_revision || *if_match == found->revision) return std::nullopt;
    return refuse(
        Refusal{.status = 412,
                .message = fmt::format("the {} has revision {}, not {}; read it again and "
                                       "decide anew",
                                       collection.singular, found->revision, *if_match),
                .code = "revisionMismatch",
                .target = "If-Match",
                .position = std::nullopt,
                .details = {}});
}

}  // namespace vmsecurity::apiserver
