#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/client/output.h"
#include "net/client/http_client.h"

namespace vmsecurity::cli {

struct WatchSettings {
    const model::schema::Display* display = nullptr;
    std::string filter;                          // objects that do not match are not shown
    std::optional<std::uint64_t> since;          // the id of the last change that is known
    std::uint64_t limit = 0;                     // changes after which to end; 0: never
    OutputFormat format = OutputFormat::kTable;  // table or ndjson
};

// Prints changes as they come, until it is stopped. A connection that breaks is made anew, and goes
// on behind the last change that was seen. `feed` carries the events, `client` reads the objects.
int run_watch(net::HttpClient& feed, net::HttpClient& client, const WatchSettings& settings);

}  // namespace vmsecurity::cli
