#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "advisoryserver/builder.h"
#include "net/server/handler.h"

namespace vmsecurity::advisoryserver {

// GET and HEAD of /advisories.vmadv and /info. `state` is called for each request, on any thread.
net::Dispatch make_dispatch(std::function<BuildState()> state,
                            std::chrono::milliseconds stale_after);

// The body of /info.
std::string info_json(const BuildState& state, std::chrono::sys_seconds now,
                      std::chrono::milliseconds stale_after);

// In Prometheus text format 0.0.4.
std::string metrics_text(const BuildState& state, std::chrono::sys_seconds now);

}  // namespace vmsecurity::advisoryserver
