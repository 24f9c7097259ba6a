#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "apiserver/access/key_source.h"
#include "apiserver/access/principal.h"
#include "base/result.h"
#include "net/http/message.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

struct OidcOptions {
    std::string issuer;  // empty: no JWTs
    std::string audience;
    std::string keys;  // a file or an https URL with a JSON Web Key Set
    // The claim that holds a role ("viewer"), for subjects that are no user of ours.
    std::string role_claim = "vmsecurity_role";
};

struct AccessOptions {
    bool required = false;  // else loopback needs no token
    OidcOptions oidc;
};

// Finds out who sends a request. What was found out of a token is kept for a second, so that a
// revoked one stops working within that time on every API server.
class Authenticator {
  public:
    Authenticator(store::Store& store, AccessOptions options);

    base::Result<void> start();  // reads the key set

    // kPermissionDenied: there is no token, or it is not valid (401).
    base::Result<Principal> authenticate(const net::Request& request);

    // Lets go of what is remembered about tokens, after one was changed.
    void forget();

  private:
    struct Remembered {
        std::optional<Principal> principal;  // nothing: there is no such token
        std::chrono::steady_clock::time_point until;
    };

    base::Result<Principal> by_token(std::string_view text, store::Deadline deadline);
    base::Result<Principal> by_jwt(std::string_view text, store::Deadline deadline);
    base::Result<std::optional<Principal>> look_up(const std::string& hash,
                                                   store::Deadline deadline);
    base::Result<std::optional<Principal>> user_with(std::string_view issuer,
                                                     std::string_view subject,
                                                     store::Deadline deadline);

    store::Store& store_;
    AccessOptions options_;
    KeySource keys_;
    std::mutex mutex_;
    std::map<std::string, Remembered, std::less<>> remembered_;  // by the token's hash
};

}  // namespace vmsecurity::apiserver
