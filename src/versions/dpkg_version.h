#pragma once

#include <compare>
#include <string_view>

namespace vmsecurity::versions {

// Debian's order of versions (deb-version(7), Policy §5.6.12): epoch, upstream, revision; '~'
// before the end. Total over all strings: what is no valid version (bad epoch) is compared by the
// same rules as far as they go.
std::weak_ordering compare_dpkg(std::string_view a, std::string_view b);

}  // namespace vmsecurity::versions
