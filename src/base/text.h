#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::base {

// True if `text` is well-formed UTF-8 (Unicode 15 §3.9, table 3-7: no overlong forms, no
// surrogates).
bool is_valid_utf8(std::string_view text);

// Bytes as printable UTF-8: well-formed text stays, control characters, backslashes and bytes that
// are no UTF-8 become \xHH (backslash: \\). Reversible, so two different names never look alike.
// For terminals, JSON and logs.
std::string escape_bytes(std::string_view bytes);

// Text from somebody who should have escaped it: unchanged if it is printable UTF-8, else through
// escape_bytes().
std::string printable(std::string text);

std::string_view trim(std::string_view text);  // ASCII white space off both ends
std::string to_lower(std::string_view text);   // ASCII only
std::vector<std::string_view> split(std::string_view text, char separator);

// A whole unsigned decimal number and nothing else.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// "1.4 GiB", "312 KiB", "17 B".
std::string format_size(std::uint64_t bytes);

}  // namespace vmsecurity::base
