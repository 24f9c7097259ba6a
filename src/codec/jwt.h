#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace vmsecurity::codec {

// Public keys of an issuer, from a JSON Web Key Set (RFC 7517): RSA of at least 2,048 bits and
// P-256.
class KeySet {
  public:
    // Keys of other kinds, and those for encryption, are left out; kInvalidArgument if none is
    // left.
    static base::Result<KeySet> parse(std::string_view json);

    KeySet(KeySet&&) noexcept;
    KeySet& operator=(KeySet&&) noexcept;
    ~KeySet();

    // True if `signature` (as JWS has it, RFC 7515) is the key's over `text`. An empty key id means
    // any key of the algorithm.
    bool verify(std::string_view key_id, std::string_view algorithm, std::string_view text,
                std::string_view signature) const;

  private:
    struct Key;
    explicit KeySet(std::vector<Key> keys);
    std::vector<Key> keys_;
};

struct JwtRules {
    std::string issuer;
    std::string audience;
    std::chrono::seconds clock_skew{60};
};

// The claims of a signed token (RFC 7519) with algorithm RS256 or ES256, whose signature, issuer,
// audience, expiry (required) and not-before hold at `now`. Errors are kPermissionDenied and never
// repeat the token.
base::Result<boost::json::object> verify_jwt(std::string_view token, const KeySet& keys,
                                             const JwtRules& rules,
                                             std::chrono::system_clock::time_point now);

}  // namespace vmsecurity::codec
