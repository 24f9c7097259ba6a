#include "daemon/settings/settings_options.h"

#include <fmt/format.h>

#include "base/log.h"

namespace vmsecurity::daemon {

void SettingsOptions::add(CLI::App& command, std::span<const service::Setting> known) {
    command.add_option("--config", config_, "YAML file with these settings")->option_text("FILE");
    for (const service::Setting& setting : known) {
        const std::string name(setting.name);
        std::string help(setting.help);
        if (setting.is_switch) {
            options_[name] =
                command.add_flag("--" + name + ",!--no-" + name, switches_[name], help);
            continue;
        }
        if (!setting.fallback.empty()) help += fmt::format(" [{}]", setting.fallback);
        options_[name] = command.add_option("--" + name, values_[name], help)->option_text("TEXT");
    }
}

base::Result<service::Settings> SettingsOptions::load(
    std::string_view mode, std::span<const service::Setting> known,
    std::span<const std::pair<std::string_view, std::string_view>> aliases) const {
    service::Settings::Sources sources;
    sources.mode = mode;
    if (!config_.empty()) sources.file = config_;
    sources.environment = service::process_environment;
    sources.aliases = aliases;
    for (const auto& [name, option] : options_) {
        if (option->count() == 0) continue;
        const auto flag = switches_.find(name);
        sources.flags[name] =
            flag == switches_.end() ? values_.at(name) : (flag->second ? "true" : "false");
    }
    return service::Settings::load(known, sources);
}

void tell(const base::Error& error) {
    fmt::print(stderr, "vmsecurityd: {}\n", error.describe());
}

base::Result<void> set_up_log(const service::Settings& settings) {
    const std::string& level = settings.text("log-level");
    const auto parsed = base::log::parse_level(level);
    if (!parsed) return base::fail(settings.error("log-level", "debug, info, warning or error"));
    const std::string& format = settings.text("log-format");
    if (format != "text" && format != "json") {
        return base::fail(settings.error("log-format", "text or json"));
    }
    base::log::set_level(*parsed);
    base::log::set_format(format == "json" ? base::log::Format::kJson : base::log::Format::kText);
    return {};
}

}  // namespace vmsecurity::daemon
