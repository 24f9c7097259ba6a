#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/server/lanes.h"

namespace vmsecurity::net {

// What a server counts. Routes are told apart by name, of which there are few (patterns, not
// paths); from kMaxRoutes on they are counted as "other".
class ServerMetrics {
  public:
    static constexpr std::size_t kMaxRoutes = 500;

    enum class Rejection : std::uint8_t { kConnections, kRate, kMalformed };

    void count(std::string_view route, int status, std::chrono::microseconds duration,
               std::uint64_t request_bytes, std::uint64_t response_bytes);
    void count(Rejection rejection) {
        rejected_[static_cast<std::size_t>(rejection)].fetch_add(1, std::memory_order_relaxed);
    }
    std::atomic<std::int64_t> in_flight{0};

    // Prometheus text format 0.0.4.
    std::string text(const Lanes& lanes, std::size_t connections) const;

  private:
    // Upper bounds in microseconds; the last bucket has none.
    static constexpr std::array<std::int64_t, 12> kBounds{
        500,    1'000,   2'500,   5'000,     10'000,    25'000,
        50'000, 100'000, 250'000, 1'000'000, 5'000'000, 30'000'000};
    struct Counters {
        std::array<std::uint64_t, 6> by_class{};  // index: status / 100; 0: no answer
        std::array<std::uint64_t, kBounds.size() + 1> latency{};
        std::int64_t microseconds = 0;
        std::uint64_t request_bytes = 0;
        std::uint64_t response_bytes = 0;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    Counters& counters(std::string_view route);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Counters, Hash, std::equal_to<>> routes_;
    std::array<std::atomic<std::uint64_t>, 3> rejected_{};
};

}  // namespace vmsecurity::net
