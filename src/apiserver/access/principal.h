#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmsecurity::apiserver {

// Each role may do what the ones before it may.
enum class Role : std::uint8_t {
    kNone,
    kScanner,   // one asset scan, and nothing else
    kViewer,    // reads
    kOperator,  // and changes what scans are about: configs, scans, suppressions
    kAdmin,     // and users, tokens, retention
};

std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

// Who sent a request.
struct Principal {
    enum class Kind : std::uint8_t { kUser, kToken, kLoopback };

    std::string name;  // "anna", "ci"
    Kind kind = Kind::kLoopback;
    Role role = Role::kNone;
    std::string asset_scan_id;               // of a scanner's token
    std::string token_id;                    // the stored token, where there is one
    std::optional<std::int64_t> expires_on;  // nanoseconds since 1970
};

}  // namespace vmsecurity::apiserver
