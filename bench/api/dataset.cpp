#include "bench/api/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "bench/api/fleet_objects.h"
#include "findings/family.h"

namespace vmsecurity::bench {
namespace {

using findings::FindingType;
using findings::ObservedFinding;

// Of a hundred findings of an ordinary asset.
constexpr std::array<std::pair<FindingType, int>, 8> kShares = {{
    {FindingType::kPackage, 44},
    {FindingType::kVulnerability, 46},
    {FindingType::kMisconfiguration, 4},
    {FindingType::kSecret, 2},
    {FindingType::kExploit, 1},
    {FindingType::kMalware, 1},
    {FindingType::kRootkit, 1},
    {FindingType::kInfoFinder, 1},
}};

// Names that everybody knows come before those of one machine: the square of an even distribution.
std::int64_t popular(std::mt19937_64& random, std::int64_t count) {
    const double even = std::uniform_real_distribution(0.0, 1.0)(random);
    return std::min(count - 1, static_cast<std::int64_t>(even * even * static_cast<double>(count)));
}

std::string package_name(std::int64_t number) {
    constexpr std::array kKinds = {"lib", "python3-", "", "golang-", "perl-", "node-", "ruby-"};
    constexpr std::array kStems = {"ssl", "crypt", "xml",  "json",  "http", "image",   "sound",
                                   "net", "math",  "core", "shell", "term", "archive", "font"};
    return fmt::format("{}{}{}", kKinds[static_cast<std::size_t>(number) % kKinds.size()],
                       kStems[static_cast<std::size_t>(number / 7) % kStems.size()], number);
}

boost::json::object package(std::int64_t number, int round) {
    const std::string name = package_name(number);
    const std::string version = fmt::format("{}.{}.{}-{}", number % 9, number % 23, number % 5,
                                            number % 11 == 0 ? round + 1 : 1);
    boost::json::object object;
    object["cpes"] = {fmt::format("cpe:2.3:a:{0}:{0}:{1}:*:*:*:*:*:*:*", name, version)};
    object["language"] = "";
    object["licenses"] = {"GPL-2.0-or-later", "MIT"};
    object["name"] = name;
    object["purl"] = fmt::format("pkg:deb/debian/{}@{}?arch=amd64&distro=debian-12", name, version);
    object["type"] = "deb";
    object["version"] = version;
    return object;
}

boost::json::object vulnerability(std::int64_t number, int round) {
    constexpr std::array kSeverities = {"LOW",  "MEDIUM", "MEDIUM", "MEDIUM",     "LOW",
                                        "HIGH", "HIGH",   "LOW",    "NEGLIGIBLE", "CRITICAL"};
    const std::string name = fmt::format("CVE-{}-{}", 2015 + number % 11, 1000 + number);
    boost::json::object object;
    object["cvss"] = {{{"metrics", {{"baseScore", 4.0 + static_cast<double>(number % 60) / 10}}},
                       {"vector", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"},
                       {"version", "3.1"}}};
    object["description"] = fmt::format(
        "A flaw in {} lets a remote party that sends a crafted message read memory that it should "
        "not see, which may end the service or tell what it keeps to itself. Servers that parse "
        "input before they know who sent it are concerned most.",
        package_name(number % 3000));
    object["distro"] = {{"IDLike", {"debian"}}, {"name", "debian"}, {"version", "12"}};
    object["fix"] = {{"state", number % 3 == 0 ? "not-fixed" : "fixed"},
                     {"versions", {fmt::format("{}.9-1", number % 9)}}};
    object["links"] = {fmt::format("https://security-tracker.debian.org/tracker/{}", name)};
    object["package"] = package(number % 3000, round);
    object["severity"] = kSeverities[static_cast<std::size_t>(number) % kSeverities.size()];
    object["vulnerabilityName"] = name;
    return object;
}

boost::json::object other(FindingType type, std::int64_t asset, std::int64_t number) {
    switch (type) {
        case FindingType::kMisconfiguration:
            return {{"message", fmt::format("Setting {} is weaker than it should be", number % 80)},
                    {"remediation", "Set it as the hardening guide says"},
                    {"scannerName", "lynis"},
                    {"severity", number % 4 == 0 ? "MisconfigurationHighSeverity"
                                                 : "MisconfigurationMediumSeverity"},
                    {"testCategory", "security"},
                    {"testDescription", fmt::format("Test of setting {}", number % 80)},
                    {"testID", fmt::format("AUTH-{}", 9000 + number % 80)}};
        case FindingType::kSecret:
            return {{"description", "Private key"},
                    {"endColumn", 30},
                    {"endLine", 1},
                    {"filePath", fmt::format("/home/user{}/.ssh/id_{}", asset % 50, number)},
                    {"fingerprint", fmt::format("{:016x}", asset * 1000 + number)},
                    {"startColumn", 1},
                    {"startLine", 1}};
        case FindingType::kExploit:
            return {{"cveID", fmt::format("CVE-{}-{}", 2015 + number % 11, 1000 + number)},
                    {"description", "Proof of concept"},
                    {"name", fmt::format("{}", 40000 + number)},
                    {"sourceDB", "ExploitDB"},
                    {"urls", {fmt::format("https://exploits.example/{}", 40000 + number)}}};
        case FindingType::kMalware:
            return {{"malwareName", fmt::format("Unix.Trojan.Test-{}", number % 40)},
                    {"malwareType", "TROJAN"},
                    {"path", fmt::format("/tmp/dropped-{}", number)}};
        case FindingType::kRootkit:
            return {{"message", "A hidden process was seen"},
                    {"rootkitName", fmt::format("rootkit-{}", number % 20)},
                    {"rootkitType", "KERNEL"}};
        default:
            return {{"data", fmt::format("SHA256:{:020}", asset * 1000 + number)},
                    {"path", "/etc/ssh/ssh_host_ed25519_key.pub"},
                    {"scannerName", "sshTopology"},
                    {"type", "SSHDaemonKeyFingerprint"}};
    }
}

// The findings of one type on an asset, before what later rounds change.
std::int64_t size_of(const FleetOptions& options, std::int64_t asset, int share) {
    // A tenth of what was seen first is replaced in the later round of a third of the assets.
    const double mean = static_cast<double>(options.findings) /
                        static_cast<double>(options.assets) / 1.033 * share / 100;
    // Most assets are alike, some have several times as much.
    std::mt19937_64 random(options.seed * 7919ULL + static_cast<std::uint64_t>(asset));
    const double factor = asset % 50 == 0 ? 5 : 0.92;
    const double even = std::uniform_real_distribution(0.7, 1.3)(random);
    return std::max<std::int64_t>(asset % 3 == 0 ? 1 : 0, std::lround(mean * factor * even));
}

base::Result<void> fill_asset(sql::Connection& connection, const FleetOptions& options,
                              std::int64_t asset) {
    boost::json::object summary;
    for (int round = 0; round < kRounds; ++round) {
        for (const auto& [type, share] : kShares) {
            auto seen = observe(options, asset, type, round);
            const store::Observation observation{.asset_scan_id = asset_scan_id(asset, round),
                                                 .asset_id = asset_id(asset),
                                                 .scan_id = fmt::format("scan-{}", round),
                                                 .type = type,
                                                 .observed_on = scan_time(options, asset, round),
                                                 .coverage = {{"", "", true}}};
            VMSECURITY_ASSIGN(const auto result,
                              store::reconcile_findings(connection, observation, seen));
            summary[findings::family_of(type).counter] =
                store::summary_counter(type, result.active);
        }
        VMSECURITY_TRY(insert_asset_scan(connection, options, asset, round, summary));
    }
    VMSECURITY_TRY(insert_asset(connection, options, asset, summary));
    if (asset % 20 == 7) return {};  // terminated
    return store::asset_life_changed(connection, asset_id(asset), true);
}

}  // namespace

std::string asset_id(std::int64_t asset) {
    return fmt::format("asset-{:06}", asset);
}

std::string asset_scan_id(std::int64_t asset, int round) {
    return fmt::format("asset-scan-{}-{}", asset, round);
}

std::vector<ObservedFinding> observe(const FleetOptions& options, std::int64_t asset,
                                     FindingType type, int round, double scale) {
    const auto* share = std::ranges::find(kShares, type, &std::pair<FindingType, int>::first);
    std::mt19937_64 random(options.seed * 104729ULL + static_cast<std::uint64_t>(asset) * 11 +
                           static_cast<std::uint64_t>(type));
    const auto size = static_cast<std::int64_t>(
        static_cast<double>(size_of(options, asset, share->second)) * scale);
    std::vector<ObservedFinding> seen;
    seen.reserve(static_cast<std::size_t>(size));
    std::vector<bool> taken(200'000, false);
    for (std::int64_t i = 0; i < size; ++i) {
        const std::int64_t population =
            std::max<std::int64_t>(type == FindingType::kPackage ? 6000 : 9000, size * 3);
        std::int64_t number = popular(random, population);
        while (taken[static_cast<std::size_t>(number)]) number = (number + 1) % population;
        taken[static_cast<std::size_t>(number)] = true;
        // Versions go on in the later round on a third of the assets.
        const int version = asset % 3 == 0 ? round : 0;
        boost::json::object info = type == FindingType::kPackage ? package(number, version)
                                   : type == FindingType::kVulnerability
                                       ? vulnerability(number, version)
                                       : other(type, asset, number);
        auto finding = findings::observe_result(type, std::move(info));
        if (finding) seen.push_back(std::move(*finding));
    }
    return seen;
}

base::Result<void> fill_fleet(sql::Database& database, const FleetOptions& options) {
    constexpr std::int64_t kBatch = 100;  // assets a transaction
    const auto later = [] { return std::chrono::steady_clock::now() + std::chrono::minutes(10); };
    VMSECURITY_TRY(database.write_large(
        [&](sql::Connection& connection) { return insert_scans(connection, options); }, later()));
    for (std::int64_t start = 0; start < options.assets; start += kBatch) {
        const auto work = [&](sql::Connection& connection) -> base::Result<void> {
            const std::int64_t end = std::min(start + kBatch, options.assets);
            for (std::int64_t asset = start; asset < end; ++asset) {
                VMSECURITY_TRY(fill_asset(connection, options, asset));
            }
            return {};
        };
        VMSECURITY_TRY(database.write_large(work, later()));
    }
    return database.write_large(
        [](sql::Connection& connection) { return connection.execute_script("ANALYZE"); }, later());
}

}  // namespace vmsecurity::bench
