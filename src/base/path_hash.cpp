#include "base/path_hash.h"

#include <xxhash.h>

namespace vmsecurity::base {

std::uint64_t path_hash(std::string_view path) {
    return XXH3_64bits(path.data(), path.size());
}

}  // namespace vmsecurity::base
