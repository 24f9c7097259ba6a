#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace vmsecurity::apiserver {

// The value at a path of member names; null if a member on the way is missing or null.
const boost::json::value* at_path(const boost::json::object& object,
                                  std::initializer_list<std::string_view> path);
// The text there; empty if there is none.
std::string_view text_at(const boost::json::object& object,
                         std::initializer_list<std::string_view> path);

// Parts of a uniqueness key, joined so that different parts never give the same key.
std::string join_key(std::initializer_list<std::string_view> parts);

// "2026-11-25T04:30:00Z"
std::string time_text(std::chrono::system_clock::time_point time);
// "2026-11-25T04:30:00.123456789Z": what is to stay in the order in which it happened.
std::string exact_time_text(std::chrono::system_clock::time_point time);

base::Error field_error(std::string_view pointer, std::string message);

// A relation {"id": ...} that is given has to name something. `pointer`: "/asset".
base::Result<void> check_relation(const boost::json::object& object, std::string_view member);

}  // namespace vmsecurity::apiserver
