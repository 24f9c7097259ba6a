#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace vmsecurity::bench {

struct LoadResult {
    double seconds = 0;
    std::vector<double> milliseconds;  // of each answered request
    std::size_t refused = 0;           // answers other than 2xx
    std::string first_refusal;
};

// Clients on kept connections, each of which sends its next request once it has the answer to the
// last one. One thread drives them all. `next`: the request of a client.
base::Result<LoadResult> run_load(
    const std::string& address, std::size_t clients, std::chrono::seconds time,
    const std::function<const std::string&(std::size_t client)>& next);

}  // namespace vmsecurity::bench
