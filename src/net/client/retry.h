#pragma once

#include <chrono>
#include <optional>
#include <random>

#include "net/client/http_client.h"

namespace vmsecurity::net {

// How one attempt ended.
struct Outcome {
    int status = 0;        // 0: no answer
    bool was_sent = true;  // the server may have acted on it
    std::optional<std::chrono::seconds> retry_after;
};

// How long to wait before attempt number `next` (from 1 on, the first repeated one); none to give
// up. Full jitter: anywhere between nothing and the doubled delay, so that clients that failed
// together do not come back together.
std::optional<std::chrono::milliseconds> retry_delay(const ClientOptions& options,
                                                     const ClientRequest& request,
                                                     const Outcome& outcome, unsigned next,
                                                     std::minstd_rand& random);

}  // namespace vmsecurity::net
