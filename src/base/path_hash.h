#pragma once

#include <cstdint>
#include <string_view>

namespace vmsecurity::base {

// XXH3-64 of a path's bytes: stable across processes and releases, so that worker processes can
// send hashes instead of paths. Not for input whose collisions an attacker would gain from.
std::uint64_t path_hash(std::string_view path);

}  // namespace vmsecurity::base
