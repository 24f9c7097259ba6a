#pragma once

#include <string>
#include <string_view>

namespace vmsecurity::apiserver {

// A bearer token: "vms_" and 32 random bytes in base64url. The server keeps its hash alone.
std::string random_token();
bool looks_like_token(std::string_view text);
std::string token_hash(std::string_view token);

}  // namespace vmsecurity::apiserver
