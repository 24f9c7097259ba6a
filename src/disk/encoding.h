#pragma once

#include <string>

#include "base/bytes.h"

namespace vmsecurity::disk {

// 16 bytes as "8-4-4-4-12" lower-case hexadecimal digits.
std::string uuid_text(base::ByteSpan bytes);  // RFC 9562: in the order of the bytes
std::string guid_text(base::ByteSpan bytes);  // UEFI 2.10 appendix A: the first three parts swapped

// UTF-16LE up to its NUL or end as UTF-8; half surrogate pairs become U+FFFD.
std::string utf16le_text(base::ByteSpan bytes);

// The bytes up to the first NUL; with `padding`, without those at the end.
std::string fixed_text(base::ByteSpan bytes, char padding = '\0');

}  // namespace vmsecurity::disk
