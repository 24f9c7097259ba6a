#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "codec/jwt.h"

namespace vmsecurity::apiserver {

// The issuer's key set, from a file or an https URL, read again when it is old or when a token
// names a key that it does not have (issuers change keys), but not more often than every ten
// seconds.
class KeySource {
  public:
    explicit KeySource(std::string place) : place_(std::move(place)) {}

    base::Result<void> start();
    std::shared_ptr<const codec::KeySet> current();
    // After a signature that no key has made. True: there may be new keys, try again.
    bool refresh();

  private:
    base::Result<void> read();

    std::string place_;
    std::mutex mutex_;
    std::shared_ptr<const codec::KeySet> keys_;
    std::chrono::steady_clock::time_point read_at_{};
};

}  // namespace vmsecurity::apiserver
