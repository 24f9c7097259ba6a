#include "net/server/rate_limiter.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace vmsecurity::net {

RateLimiter::RateLimiter(double rate, double burst) : rate_(rate), burst_(std::max(burst, 1.0)) {}

double RateLimiter::level(const Bucket& bucket, Clock::time_point now) const {
    const std::chrono::duration<double> passed = now - bucket.filled;
    return std::min(burst_, bucket.tokens + passed.count() * rate_);
}

std::chrono::milliseconds RateLimiter::take(const std::string& key, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= kMaxKeys && !buckets_.contains(key)) forget_some(now);
    Bucket& bucket = buckets_.try_emplace(key, Bucket{burst_, now}).first->second;
    bucket.tokens = level(bucket, now);
    bucket.filled = now;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return std::chrono::milliseconds(0);
    }
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / rate_ * 1000)));
}

void RateLimiter::forget_some(Clock::time_point now) {
    std::erase_if(buckets_, [&](const auto& one) { return level(one.second, now) >= burst_; });
    if (buckets_.size() >= kMaxKeys) buckets_.clear();
}

std::string rate_limit_key(const std::string& remote_address) {
    in6_addr address{};
    if (::inet_pton(AF_INET6, remote_address.c_str(), &address) != 1) return remote_address;
    return {reinterpret_cast<const char*>(&address), 8};
}

}  // namespace vmsecurity::net
