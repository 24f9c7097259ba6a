#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace vmsecurity::daemon {

// `vmsecurityd apiserver`. Sets `chosen` when the mode is asked for.
void add_apiserver(CLI::App& app, std::function<int()>& chosen);

}  // namespace vmsecurity::daemon
