#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "service/settings.h"

namespace vmsecurity::daemon {

// The flags of a mode's settings, and --config.
class SettingsOptions {
  public:
    void add(CLI::App& command, std::span<const service::Setting> known);
    base::Result<service::Settings> load(
        std::string_view mode, std::span<const service::Setting> known,
        std::span<const std::pair<std::string_view, std::string_view>> aliases) const;

  private:
    std::string config_;
    std::map<std::string, std::string> values_;  // of all flags; stable addresses
    std::map<std::string, bool> switches_;
    std::map<std::string, CLI::Option*> options_;
};

// What `log-level` and `log-format` say. kInvalidArgument: neither knows the value.
base::Result<void> set_up_log(const service::Settings& settings);

// "vmsecurityd: <what is wrong>" on standard error.
void tell(const base::Error& error);

}  // namespace vmsecurity::daemon
