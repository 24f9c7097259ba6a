#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace vmsecurity::daemon {

// `vmsecurityd store migrate|backup|export|import`.
void add_store(CLI::App& app, std::function<int()>& chosen);

}  // namespace vmsecurity::daemon
