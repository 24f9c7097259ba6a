#include "apiserver/access/token.h"

#include "base/secrets.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::string_view kPrefix = "vms_";
constexpr std::size_t kBytes = 32;
constexpr std::size_t kTextSize = 43;

}  // namespace

std::string random_token() {
    return std::string(kPrefix) + base::to_base64url(base::random_bytes(kBytes));
}

bool looks_like_token(std::string_view text) {
    return text.starts_with(kPrefix) && text.size() == kPrefix.size() + kTextSize;
}

// 256 random bits need neither salt nor a slow hash.
std::string token_hash(std::string_view token) {
    return base::sha256_hex(token);
}

}  // namespace vmsecurity::apiserver
