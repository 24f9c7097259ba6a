#include "apiserver/objects/entity_tag.h"

#include <fmt/format.h>

#include "base/secrets.h"
#include "base/text.h"

namespace vmsecurity::apiserver {

std::string entity_tag(const model::schema::Collection& collection, const store::Item& item) {
    constexpr std::size_t kDigits = 32;
    if (collection.has_revision) return fmt::format("\"{}\"", item.revision);
    return fmt::format("\"{}\"", base::sha256_hex(item.document).substr(0, kDigits));
}

bool matches_entity_tag(const net::Request& request, std::string_view tag) {
    const auto header = request.headers.find("If-None-Match");
    if (!header) return false;
    for (const std::string_view one : base::split(*header, ',')) {
        std::string_view candidate = base::trim(one);
        if (candidate == "*") return true;
        if (candidate.starts_with("W/")) candidate.remove_prefix(2);
        if (candidate == tag) return true;
    }
    return false;
}

}  // namespace vmsecurity::apiserver
