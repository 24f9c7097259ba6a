#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace vmsecurity::odata::testing {

// The same choices for the same seed on every platform, so no distributions of <random>.
class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    std::size_t below(std::size_t bound) { return engine_() % bound; }
    bool chance(unsigned percent) { return below(100) < percent; }
    template <typename List>
    const auto& pick(const List& list) {
        return list[below(std::size(list))];
    }

  private:
    std::mt19937_64 engine_;
};

// Values with which databases and languages disagree, each more than once, so that they meet.
std::string random_text(Random& random);  // UTF-8; may hold U+0000
std::int64_t random_integer(Random& random);
double random_real(Random& random);
std::string random_time(Random& random);  // RFC 3339

}  // namespace vmsecurity::odata::testing
