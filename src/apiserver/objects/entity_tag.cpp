#include "apiserver/objects/entity_tag.h"

#include <fmt/format.h>

#include "base/secrets.h"

namespace vmsecurity::apiserver {

std::string entity_tag(const model::schema::Collection& collection, const store::Item& item) {
    constexpr std::size_t kDigits = 32;
    if (collection.has_revision) return fmt::format("\"{}\"", item.revision);
    return fmt::format("\"{}\"", base::sha256_hex(item.document).substr(0, kDigits));
}

}  // namespace vmsecurity::apiserver
