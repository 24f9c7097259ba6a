#pragma once

#include <chrono>
#include <string>

namespace vmsecurity::base {

// A random UUID (RFC 9562 version 4), lower case.
std::string random_uuid();

// A UUID that begins with the time (RFC 9562 version 7, §6.2 method 3), lower case: as texts they
// stand nearly in the order in which they were made, so that an index of them grows at its end.
std::string ordered_uuid();

// "2026-11-25T01:06:32Z" (RFC 3339, seconds, UTC).
std::string format_time(std::chrono::system_clock::time_point time);

// Now; or the time in SOURCE_DATE_EPOCH where that is set, for outputs that must not depend on when
// they were made.
std::string now_reproducible();

}  // namespace vmsecurity::base
