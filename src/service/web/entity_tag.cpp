#include "service/web/entity_tag.h"

#include "base/text.h"

namespace vmsecurity::service {

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

}  // namespace vmsecurity::service
