#include "net/client/retry.h"

#include <algorithm>

namespace vmsecurity::net {
namespace {

bool is_idempotent(Method method) {
    return method != Method::kPost && method != Method::kPatch && method != Method::kOther;
}

}  // namespace

std::optional<std::chrono::milliseconds> retry_delay(const ClientOptions& options,
                                                     const ClientRequest& request,
                                                     const Outcome& outcome, unsigned next,
                                                     std::minstd_rand& random) {
    if (next >= options.attempts || request.body_source) return std::nullopt;
    if (outcome.status != 0 && outcome.status != 503 && outcome.status != 429) return std::nullopt;
    if (outcome.status == 0 && outcome.was_sent && !is_idempotent(request.method)) {
        return std::nullopt;
    }
    if (outcome.retry_after && *outcome.retry_after > options.max_delay) return std::nullopt;
    const unsigned doublings = std::min(next - 1, 16U);
    const auto bound = std::min(options.first_delay * (1U << doublings), options.max_delay);
    std::uniform_int_distribution<std::int64_t> anywhere(0, bound.count());
    std::chrono::milliseconds delay(anywhere(random));
    if (outcome.retry_after)
        delay = std::max<std::chrono::milliseconds>(delay, *outcome.retry_after);
    return std::min(delay, options.max_delay);
}

}  // namespace vmsecurity::net
