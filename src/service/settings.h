#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vmsecurity::service {

// One setting of a service, told once: the same name is the key of the YAML file, the flag
// (--database) and, in upper case behind VMSECURITY_, the environment variable
// (VMSECURITY_DATABASE; the mode may stand between: VMSECURITY_APISERVER_DATABASE).
struct Setting {
    std::string_view name;  // "health-address"
    std::string_view fallback;
    std::string_view help;
    bool is_switch = false;  // "true" or "false"; the flag needs no value
};

// Values by name, from where they came.
class Settings {
  public:
    using Environment = std::function<std::optional<std::string>(const std::string& name)>;

    struct Sources {
        std::string_view mode;            // "apiserver"
        std::optional<std::string> file;  // a YAML mapping of settings
        Environment environment;          // like getenv(3)
        // Older names of variables with the setting they stand for; weaker than our own names.
        std::span<const std::pair<std::string_view, std::string_view>> aliases;
        std::map<std::string, std::string> flags;
    };

    // In rising order: fallbacks, file, aliases, environment, flags. kInvalidArgument: the file
    // cannot be read, or has a key that no setting has.
    static base::Result<Settings> load(std::span<const Setting> known, const Sources& sources);

    const std::string& text(std::string_view name) const;
    // Where a value that cannot be used came from is part of the error: "--listen", "line of FILE".
    base::Result<bool> truth(std::string_view name) const;
    base::Result<std::uint64_t> number(std::string_view name) const;
    // "250ms", "30s", "10m", "12h", "7d".
    base::Result<std::chrono::milliseconds> duration(std::string_view name) const;
    std::vector<std::string> list(std::string_view name) const;  // parted by commas
    base::Error error(std::string_view name, std::string_view expected) const;

  private:
    struct Value {
        std::string text;
        std::string origin;
    };
    std::map<std::string, Value, std::less<>> values_;
};

std::optional<std::string> process_environment(const std::string& name);

}  // namespace vmsecurity::service
