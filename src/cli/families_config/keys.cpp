#include "cli/families_config/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "odata/names.h"

namespace vmsecurity::cli {
namespace {

using boost::json::value;

// Each key by its path; "[]" behind a list, "{}" behind what holds anything.
constexpr auto kKeys = std::to_array<std::string_view>({
    "sbom.enabled",
    "sbom.analyzers_list[]",
    "sbom.merge_with[].sbom_path",
    "sbom.analyzers_config.registry.REGISTRY",
    "sbom.analyzers_config.analyzer.output_format",
    "sbom.analyzers_config.analyzer.analyzer_list[]",
    "sbom.analyzers_config.analyzer.scope",
    "sbom.analyzers_config.analyzer.trivy_config.timeout",
    "sbom.analyzers_config.analyzer.trivy_config.cache_dir",
    "sbom.analyzers_config.analyzer.trivy_config.temp_dir",
    "sbom.analyzers_config.scanner{}",
    "sbom.analyzers_config.local_image_scan",
    "vulnerabilities.enabled",
    "vulnerabilities.scanners_list[]",
    "vulnerabilities.input_from_sbom",
    "vulnerabilities.scanners_config.registry.REGISTRY",
    "vulnerabilities.scanners_config.scanner.scanners_list[]",
    "vulnerabilities.scanners_config.scanner.grype_config.mode",
    "vulnerabilities.scanners_config.scanner.grype_config.local_grype_config.update_db",
    "vulnerabilities.scanners_config.scanner.grype_config.local_grype_config.db_root_dir",
    "vulnerabilities.scanners_config.scanner.grype_config.local_grype_config.listing_url",
    "vulnerabilities.scanners_config.scanner.grype_config.local_grype_config.scope",
    "vulnerabilities.scanners_config.scanner.grype_config.remote_grype_config."
    "grype_server_address",
    "vulnerabilities.scanners_config.scanner.grype_config.remote_grype_config."
    "grype_server_schemes[]",
    "vulnerabilities.scanners_config.scanner.grype_config.remote_grype_config."
    "grype_server_timeout",
    "vulnerabilities.scanners_config.scanner.trivy_config.timeout",
    "vulnerabilities.scanners_config.scanner.trivy_config.serveraddr",
    "vulnerabilities.scanners_config.scanner.trivy_config.servertoken",
    "vulnerabilities.scanners_config.scanner.trivy_config.cachedir",
    "vulnerabilities.scanners_config.scanner.trivy_config.tempdir",
    "vulnerabilities.scanners_config.scanner.dependency_track_config{}",
    "secrets.enabled",
    "secrets.scanners_list[]",
    "secrets.strip_input_paths",
    "secrets.scanners_config.gitleaks.binary_path",
    "rootkits.enabled",
    "rootkits.scanners_list[]",
    "rootkits.strip_input_paths",
    "rootkits.scanners_config.chkrootkit.binary_path",
    "malware.enabled",
    "malware.scanners_list[]",
    "malware.strip_input_paths",
    "malware.scanners_config.clam.clamscan_binary_path",
    "malware.scanners_config.clam.freshclam_binary_path",
    "malware.scanners_config.clam.alternative_freshclam_mirror_url",
    "malware.scanners_config.yara.yara_binary_path",
    "malware.scanners_config.yara.compiled_rule_url",
    "malware.scanners_config.yara.rule_sources[].name",
    "malware.scanners_config.yara.rule_sources[].url",
    "malware.scanners_config.yara.rule_sources[].exclude_regex",
    "malware.scanners_config.yara.yarac_binary_path",
    "malware.scanners_config.yara.cache_dir",
    "misconfiguration.enabled",
    "misconfiguration.scanners_list[]",
    "misconfiguration.strip_input_paths",
    "misconfiguration.scanners_config.lynis.binary_path",
    "infofinder.enabled",
    "infofinder.scanners_list[]",
    "infofinder.strip_input_paths",
    "infofinder.scanners_config.ssh_topology{}",
    "exploits.enabled",
    "exploits.scanners_list[]",
    "exploits.input_from_vuln",
    "exploits.scanners_config.exploit_db.base_url",
});

// Keys that more than one place has.
constexpr std::string_view kRegistry = "REGISTRY";
constexpr auto kRegistryKeys =
    std::to_array<std::string_view>({"skip-verify-tls", "use-http", "auths[].authority",
                                     "auths[].username", "auths[].password", "auths[].token"});
constexpr auto kInputKeys = std::to_array<std::string_view>(
    {"inputs[].input", "inputs[].input_type", "inputs[].strip_path_from_result"});

std::vector<std::string> all_keys() {
    std::vector<std::string> keys;
    for (const std::string_view key : kKeys) {
        if (key.ends_with(kRegistry)) {
            const std::string above(key.substr(0, key.size() - kRegistry.size()));
            for (const std::string_view one : kRegistryKeys)
                keys.push_back(above + std::string(one));
            continue;
        }
        keys.emplace_back(key);
        if (const std::size_t dot = key.find('.'); key.substr(dot) == ".enabled") {
            for (const std::string_view one : kInputKeys) {
                keys.push_back(std::string(key.substr(0, dot + 1)) + std::string(one));
            }
        }
    }
    return keys;
}

class Checker {
  public:
    // `prefix`: "sbom.inputs[].", the place of `config`.
    base::Result<void> check(const boost::json::object& config, const std::string& prefix) const {
        for (const auto& [name, found] : config) {
            VMSECURITY_TRY(check_member(name, found, prefix));
        }
        return {};
    }

  private:
    base::Result<void> check_member(const std::string& name, const value& found,
                                    const std::string& prefix) const {
        const std::string path = prefix + name;
        if (knows(path + "{}")) return {};
        if (knows(path)) return expect(found.is_string() || found.is_null(), path, "a plain value");
        if (knows(path + "[]")) return check_list(found, path, {});
        if (leads_to(path + "[].")) return check_list(found, path, path + "[].");
        if (leads_to(path + ".")) {
            if (found.is_null()) return {};
            VMSECURITY_TRY(expect(found.is_object(), path, "a mapping"));
            return check(found.get_object(), path + ".");
        }
        return refuse_unknown(name, prefix);
    }

    base::Result<void> check_list(const value& found, const std::string& path,
                                  const std::string& below) const {
        if (found.is_null()) return {};
        VMSECURITY_TRY(expect(found.is_array(), path, "a list"));
        for (const value& element : found.get_array()) {
            if (below.empty()) {
                VMSECURITY_TRY(expect(element.is_string(), path, "a list of plain values"));
                continue;
            }
            VMSECURITY_TRY(expect(element.is_object(), path, "a list of mappings"));
            VMSECURITY_TRY(check(element.get_object(), below));
        }
        return {};
    }

    base::Result<void> refuse_unknown(const std::string& name, const std::string& prefix) const {
        std::vector<std::string_view> candidates;
        for (const std::string_view key : keys_) {
            if (!key.starts_with(prefix)) continue;
            const std::string_view rest = key.substr(prefix.size());
            candidates.push_back(rest.substr(0, rest.find_first_of(".[{")));
        }
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("'{}{}' is no key of a families config.{}", prefix,
                                      base::escape_bytes(name), odata::suggest(name, candidates)));
    }

    static base::Result<void> expect(bool holds, const std::string& path, std::string_view shape) {
        if (holds) return {};
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("'{}' must be {}", path, shape));
    }

    bool knows(std::string_view path) const {
        return std::ranges::find(keys_, path) != keys_.end();
    }
    bool leads_to(std::string_view prefix) const {
        return std::ranges::any_of(keys_,
                                   [&](std::string_view key) { return key.starts_with(prefix); });
    }

    const std::vector<std::string> keys_ = all_keys();
};

}  // namespace

base::Result<void> check_keys(const boost::json::object& config) {
    return Checker().check(config, {});
}

}  // namespace vmsecurity::cli
