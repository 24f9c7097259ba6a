#include "cli/families_config/families_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "cli/families_config/keys.h"
#include "codec/yaml.h"
#include "findings/family.h"

namespace vmsecurity::cli {
namespace {

using boost::json::object;

constexpr std::uint64_t kMaxBytes = 1 << 20;
constexpr std::string_view kFileName = ".families.yaml";

// The file's name of a family, where it is not the API's.
std::string_view key_of(std::string_view family) {
    if (family == "misconfigurations") return "misconfiguration";
    if (family == "infoFinder") return "infofinder";
    return family;
}

base::Error invalid(std::string message) {
    return {base::ErrorCode::kInvalidArgument, std::move(message), {}, {}};
}

base::Result<bool> read_flag(const object& family, std::string_view key, std::string_view name) {
    const auto* found = family.if_contains(name);
    if (found == nullptr || !found->is_string()) return false;
    const std::string text = base::to_lower(found->get_string());
    if (text == "true") return true;
    if (text == "false") return false;
    return base::fail(invalid(fmt::format("'{}.{}' must be true or false", key, name)));
}

base::Result<void> read_inputs(const object& family, const std::string& name,
                               FamiliesConfig& config) {
    const auto* inputs = codec::array_member(family, "inputs");
    if (inputs == nullptr) return {};
    for (const auto& input : *inputs) {
        const std::string place(codec::text_member(input.get_object(), "input"));
        std::string type = base::to_lower(codec::text_member(input.get_object(), "input_type"));
        if (type.empty()) type = "image";
        if (type != "rootfs" && type != "dir" && type != "file") {
            config.unsupported_inputs.push_back(
                {name, "input of type " + base::escape_bytes(type), "not read by this build"});
            continue;
        }
        if (place.empty()) {
            return base::fail(invalid(fmt::format("'{}.inputs' has an empty input", key_of(name))));
        }
        if (!config.target.empty() && config.target != place) {
            return base::fail(
                invalid(fmt::format("the inputs name two targets, {} and {}: scan "
                                    "one at a time",
                                    base::escape_bytes(config.target), base::escape_bytes(place))));
        }
        config.target = place;
    }
    return {};
}

}  // namespace

model::CoverageEntry coverage_of(const Unsupported& unsupported) {
    const std::string_view slash = unsupported.part.empty() ? "" : "/";
    return {model::CoverageScope::kAnalyzer,
            fmt::format("{}{}{}", unsupported.family, slash, unsupported.part),
            model::CoverageState::kUnsupported, unsupported.reason, 1};
}

bool FamiliesConfig::enables(std::string_view family) const {
    const auto found = families.find(family);
    return found != families.end() && found->second.enabled;
}

base::Result<FamiliesConfig> parse_families_config(std::string_view text) {
    auto parsed = codec::parse_yaml(text);
    if (!parsed) {
        parsed.error().code = base::ErrorCode::kInvalidArgument;
        return base::fail(std::move(parsed).error());
    }
    if (parsed->is_null()) *parsed = object();
    if (!parsed->is_object()) return base::fail(invalid("a families config must be a mapping"));
    VMSECURITY_TRY(check_keys(parsed->get_object()));
    FamiliesConfig config;
    for (const findings::Family& family : findings::families()) {
        const std::string_view key = key_of(family.name);
        const object* found = codec::object_member(parsed->get_object(), key);
        if (found == nullptr) continue;
        FamiliesConfig::Family one;
        VMSECURITY_ASSIGN(one.enabled, read_flag(*found, key, "enabled"));
        const auto* scanners =
            codec::array_member(*found, family.name == "sbom" ? "analyzers_list" : "scanners_list");
        if (scanners != nullptr) {
            for (const auto& scanner : *scanners) one.scanners.emplace_back(scanner.get_string());
        }
        if (one.enabled) {
            VMSECURITY_TRY(read_inputs(*found, std::string(family.name), config));
            const auto* merged = codec::array_member(*found, "merge_with");
            if (merged != nullptr && !merged->empty()) {
                config.unsupported_inputs.push_back(
                    {std::string(family.name), "merge_with", "not read by this build"});
            }
        }
        config.families.emplace(family.name, std::move(one));
    }
    if (std::ranges::none_of(config.families,
                             [](const auto& entry) { return entry.second.enabled; })) {
        return base::fail(invalid("no family is enabled"));
    }
    return config;
}

base::Result<FamiliesConfig> read_families_config(const std::string& path) {
    VMSECURITY_ASSIGN(const std::string text, base::read_file(path, kMaxBytes));
    auto config = parse_families_config(text);
    if (!config) {
        auto& where = config.error().where;
        where = base::escape_bytes(path) + (where.empty() ? "" : ", " + where);
    }
    return config;
}

std::optional<std::string> find_families_config() {
    std::vector<std::filesystem::path> folders;
    if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
        folders.emplace_back(home);
    }
    folders.emplace_back(".");
    for (const auto& folder : folders) {
        std::error_code error;
        if (const auto path = folder / kFileName; std::filesystem::exists(path, error)) {
            return path.string();
        }
    }
    return std::nullopt;
}

std::vector<Unsupported> unsupported_scanners(std::string_view family,
                                              std::span<const std::string> scanners) {
    constexpr std::array<std::string_view, 3> kPackages = {"vmsecurity", "syft", "trivy"};
    constexpr std::array<std::string_view, 3> kVulnerabilities = {"vmsecurity", "grype", "trivy"};
    std::span<const std::string_view> known;
    if (family == "sbom") known = kPackages;
    if (family == "vulnerabilities") known = kVulnerabilities;
    std::vector<Unsupported> found;
    if (known.empty()) return found;  // the whole family is told
    for (const std::string& scanner : scanners) {
        if (std::ranges::find(known, base::to_lower(scanner)) != known.end()) continue;
        found.push_back({std::string(family), base::printable(scanner),
                         "this build has no scanner of that name"});
    }
    return found;
}

std::vector<Unsupported> unsupported_parts(const FamiliesConfig& config) {
    std::vector<Unsupported> found = config.unsupported_inputs;
    for (const auto& [name, family] : config.families) {
        if (!family.enabled) continue;
        if (name != "sbom" && name != "vulnerabilities") {
            found.push_back({name, {}, "this build has no scanner for it"});
        }
        std::ranges::move(unsupported_scanners(name, family.scanners), std::back_inserter(found));
    }
    return found;
}

}  // namespace vmsecurity::cli
