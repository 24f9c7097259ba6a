#include "service/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "codec/yaml.h"

namespace vmsecurity::service {

namespace {

std::string variable_name(std::string_view mode, std::string_view setting) {
    std::string name = "VMSECURITY_";
    if (!mode.empty()) name += fmt::format("{}_", mode);
    name += setting;
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
        return c == '-' ? '_' : static_cast<char>(std::toupper(c));
    });
    return name;
}

base::Error invalid(std::string message) {
    return {base::ErrorCode::kInvalidArgument, std::move(message), {}, {}};
}

base::Result<boost::json::object> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::fail(invalid(fmt::format("the configuration {} cannot be read", path)));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto value = codec::parse_yaml(text);
    if (!value) {
        return base::fail(invalid(
            fmt::format("the configuration {} is not YAML: {}", path, value.error().describe())));
    }
    if (value->is_null()) return boost::json::object{};
    if (!value->is_object()) {
        return base::fail(invalid(
            fmt::format("the configuration {} has to be a mapping of settings to values", path)));
    }
    return std::move(value->get_object());
}

// Lists may be written as YAML lists.
std::optional<std::string> scalar(const boost::json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_null()) return std::string{};
    if (!value.is_array()) return std::nullopt;
    std::string joined;
    for (const boost::json::value& one : value.get_array()) {
        if (!one.is_string()) return std::nullopt;
        if (!joined.empty()) joined += ',';
        joined += std::string_view(one.get_string());
    }
    return joined;
}

}  // namespace

base::Result<Settings> Settings::load(std::span<const Setting> known, const Sources& sources) {
    Settings settings;
    for (const Setting& setting : known) {
        settings.values_[std::string(setting.name)] = {std::string(setting.fallback),
                                                       "the default"};
    }
    if (sources.file) {
        VMSECURITY_ASSIGN(const boost::json::object file, read_file(*sources.file));
        for (const auto& member : file) {
            const auto found = settings.values_.find(std::string_view(member.key()));
            const auto value = scalar(member.value());
            if (found == settings.values_.end()) {
                return base::fail(
                    invalid(fmt::format("{}: there is no setting '{}' (see --help)", *sources.file,
                                        std::string_view(member.key()))));
            }
            if (!value) {
                return base::fail(
                    invalid(fmt::format("{}: the value of '{}' has to be a text or a "
                                        "list of texts",
                                        *sources.file, found->first)));
            }
            found->second = {*value, fmt::format("'{}' in {}", found->first, *sources.file)};
        }
    }
    for (const auto& [variable, setting] : sources.aliases) {
        const auto value = sources.environment(std::string(variable));
        const auto found = settings.values_.find(setting);
        if (value && !value->empty() && found != settings.values_.end()) {
            found->second = {*value, std::string(variable)};
        }
    }
    for (auto& [name, value] : settings.values_) {
        for (const std::string& variable :
             {variable_name({}, name), variable_name(sources.mode, name)}) {
            if (auto text = sources.environment(variable)) value = {std::move(*text), variable};
        }
    }
    for (const auto& [name, text] : sources.flags) {
        settings.values_[name] = {text, "--" + name};
    }
    return settings;
}

const std::string& Settings::text(std::string_view name) const {
    static const std::string kNothing;
    const auto found = values_.find(name);
    return found == values_.end() ? kNothing : found->second.text;
}

base::Error Settings::error(std::string_view name, std::string_view expected) const {
    const auto found = values_.find(name);
    const Value value = found == values_.end() ? Value{} : found->second;
    return invalid(fmt::format("{}: '{}' cannot be used; expected {}", value.origin,
                               base::escape_bytes(value.text), expected));
}

base::Result<bool> Settings::truth(std::string_view name) const {
    const std::string value = base::to_lower(text(name));
    if (value == "true" || value == "yes" || value == "on" || value == "1") return true;
    if (value.empty() || value == "false" || value == "no" || value == "off" || value == "0") {
        return false;
    }
    return base::fail(error(name, "true or false"));
}

base::Result<std::uint64_t> Settings::number(std::string_view name) const {
    const auto value = base::parse_unsigned(text(name));
    if (!value) return base::fail(error(name, "a whole number"));
    return *value;
}

base::Result<std::chrono::milliseconds> Settings::duration(std::string_view name) const {
    constexpr std::string_view kExpected = "a duration such as 250ms, 30s, 10m, 12h or 7d";
    const std::string& value = text(name);
    const std::size_t unit = value.find_first_not_of("0123456789");
    const auto count = base::parse_unsigned(std::string_view(value).substr(0, unit));
    if (!count || unit == std::string::npos || *count > 1'000'000'000) {
        return base::fail(error(name, kExpected));
    }
    const std::string_view suffix = std::string_view(value).substr(unit);
    std::int64_t factor = 0;
    if (suffix == "ms") factor = 1;
    if (suffix == "s") factor = 1'000;
    if (suffix == "m") factor = 60'000;
    if (suffix == "h") factor = 3'600'000;
    if (suffix == "d") factor = 86'400'000;
    if (factor == 0) return base::fail(error(name, kExpected));
    return std::chrono::milliseconds(static_cast<std::int64_t>(*count) * factor);
}

std::vector<std::string> Settings::list(std::string_view name) const {
    std::vector<std::string> entries;
    for (const std::string_view entry : base::split(text(name), ',')) {
        const std::string_view trimmed = base::trim(entry);
        if (!trimmed.empty()) entries.emplace_back(trimmed);
    }
    return entries;
}

std::optional<std::string> process_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): before threads
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

}  // namespace vmsecurity::service
