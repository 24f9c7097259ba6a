#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vmsecurity::base {

// RFC 4648 §5, without padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

std::string sha256(std::string_view bytes);      // 32 bytes
std::string sha256_hex(std::string_view bytes);  // lower case

// From the system's generator.
std::string random_bytes(std::size_t count);

// Takes the same time whatever the difference is.
bool equal_secrets(std::string_view left, std::string_view right);

}  // namespace vmsecurity::base
