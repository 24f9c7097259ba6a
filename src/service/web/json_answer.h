#pragma once

#include <string>
#include <string_view>

#include "net/http/message.h"

namespace vmsecurity::service {

// `json` is a whole JSON text; a line feed follows it.
net::Response json_answer(int status, std::string json);
// {"message": ...}
net::Response message_answer(int status, std::string_view message);

}  // namespace vmsecurity::service
