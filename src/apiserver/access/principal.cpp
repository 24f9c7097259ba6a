#include "apiserver/access/principal.h"

#include <array>

namespace vmsecurity::apiserver {

namespace {

constexpr std::array<std::string_view, 5> kNames = {"none", "scanner", "viewer", "operator",
                                                    "admin"};

}  // namespace

std::string_view to_string(Role role) {
    return kNames.at(static_cast<std::size_t>(role));
}

std::optional<Role> parse_role(std::string_view text) {
    for (std::size_t i = 1; i < kNames.size(); ++i) {
        if (kNames.at(i) == text) return static_cast<Role>(i);
    }
    return std::nullopt;
}

}  // namespace vmsecurity::apiserver
