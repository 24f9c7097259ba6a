#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace vmsecurity::daemon {

// `vmsecurityd advisory-server`. Sets `chosen` when the mode is asked for.
void add_advisory_server(CLI::App& app, std::function<int()>& chosen);

}  // namespace vmsecurity::daemon
