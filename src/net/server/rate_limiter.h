#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace vmsecurity::net {

// A token bucket for each key. Remembers at most kMaxKeys: when there are more, those whose bucket
// is full again go, which changes nothing for them; and if there are none such, all.
class RateLimiter {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t kMaxKeys = 100'000;

    RateLimiter(double rate, double burst);  // tokens a second, tokens at most

    bool enabled() const { return rate_ > 0; }
    // Takes a token; zero if there was one, else how long until the next.
    std::chrono::milliseconds take(const std::string& key, Clock::time_point now);

  private:
    struct Bucket {
        double tokens;
        Clock::time_point filled;
    };
    double level(const Bucket& bucket, Clock::time_point now) const;
    void forget_some(Clock::time_point now);

    const double rate_;
    const double burst_;
    std::mutex mutex_;
    std::unordered_map<std::string, Bucket> buckets_;
};

// What stands for a remote address: itself, and of IPv6 the /64 network, for a client has all of
// that to choose from.
std::string rate_limit_key(const std::string& remote_address);

}  // namespace vmsecurity::net
