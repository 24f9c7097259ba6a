#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "cli/console/terminal.h"
#include "cli/console/text_table.h"
#include "cli/report/report.h"
#include "cli/version.h"

namespace vmsecurity::cli {
namespace {

using model::CoverageState;
using model::Severity;

constexpr auto kGravestFirst =
    std::to_array({Severity::kCritical, Severity::kHigh, Severity::kMedium, Severity::kLow,
                   Severity::kNegligible, Severity::kUnknown});

std::string_view colour_of_state(CoverageState state) {
    switch (state) {
        case CoverageState::kScanned:
            return "\x1b[32m";
        case CoverageState::kSkipped:
            return "";
        default:
            return "\x1b[1;31m";
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::string describe_packages(const Report& report) {
    std::map<std::string, std::size_t> types;
    std::size_t total = 0;
    for (const auto& root : report.roots) {
        total += root.packages.size();
        for (const model::Package& package : root.packages) ++types[package.type];
    }
    std::vector<std::string> parts;
    parts.reserve(types.size());
    for (const auto& [type, count] : types) {
        parts.push_back(fmt::format("{} {}", grouped(count), type));
    }
    std::string text = grouped(total) + " packages";
    if (!parts.empty()) text += " (" + join(parts, ", ") + ")";
    return text;
}

std::string describe_vulnerabilities(const Report& report) {
    std::vector<std::string> parts;
    for (const Severity severity : kGravestFirst) {
        const auto count =
            std::ranges::count(report.vulnerabilities, severity, &model::Vulnerability::severity);
        if (count > 0) parts.push_back(fmt::format("{} {}", count, model::to_string(severity)));
    }
    const auto fixable = std::ranges::count(report.vulnerabilities, model::FixState::kFixed,
                                            &model::Vulnerability::fix_state);
    std::string text = report.vulnerabilities.empty()
                           ? "none found"
                           : fmt::format("{} ({}), {} with a fix", report.vulnerabilities.size(),
                                         join(parts, ", "), fixable);
    if (!report.suppressed.empty())
        text += fmt::format("; {} suppressed", report.suppressed.size());
    return text;
}

std::string describe_coverage(const Report& report) {
    std::uint64_t not_covered = 0;
    for (const auto& entry : report.coverage) {
        if (!model::is_complete({entry})) not_covered += std::max<std::uint64_t>(entry.count, 1);
    }
    const std::string read = fmt::format(
        "{} names in {} directories, {} read", grouped(report.statistics.entries),
        grouped(report.statistics.directories), base::format_size(report.statistics.bytes_read));
    if (report.complete()) return "complete: " + read;
    return fmt::format("INCOMPLETE: {} thing{} not looked at, listed below; {}",
                       grouped(not_covered), not_covered == 1 ? "" : "s", read);
}

std::string describe_source(const Report& report) {
    std::vector<std::string> parts = {report.source.format};
    if (!report.source.scheme.empty()) {
        parts.push_back(report.source.scheme == "none" ? "no partition table"
                                                       : report.source.scheme);
    }
    if (report.source.size > 0) parts.push_back(base::format_size(report.source.size));
    return fmt::format("{} ({})", base::escape_bytes(report.target), join(parts, ", "));
}

std::string describe_systems(const Report& report) {
    std::vector<std::string> names;
    for (const auto& root : report.roots) {
        const model::OperatingSystem& os = root.os;
        if (os.id.empty()) continue;
        std::string name = os.pretty_name.empty() ? os.id : os.pretty_name;
        if (os.pretty_name.empty() && !os.version_id.empty()) name += " " + os.version_id;
        names.push_back(std::move(name));
    }
    return names.empty() ? "no operating system found" : join(names, "; ");
}

constexpr std::size_t kDateLength = 10;  // of an RFC 3339 time

std::string describe_advisories(const advisories::DatabaseInfo& info) {
    std::vector<std::string> names;
    names.reserve(info.sources.size());
    for (const auto& source : info.sources) {
        names.push_back(fmt::format("{}{}, newest of {}", source.name,
                                    source.demo ? " (demonstration data)" : "",
                                    source.newest.substr(0, kDateLength)));
    }
    return fmt::format("{} records built {} from {}", grouped(info.advisories), info.created,
                       join(names, "; "));
}

std::string summary(const Report& report, const TableStyle& style) {
    TextTable table({{"", false, false}, {"", true, false}});
    table.add({"Target", describe_source(report)});
    table.add({"System", describe_systems(report)});
    table.add({"Packages", describe_packages(report)});
    if (report.matched) table.add({"Vulnerabilities", describe_vulnerabilities(report)});
    table.add({"Coverage", describe_coverage(report)});
    if (report.advisories) table.add({"Advisories", describe_advisories(*report.advisories)});
    return table.render(style.width, "  ");
}

std::string fix_of(const model::Vulnerability& vulnerability) {
    return vulnerability.fixed_versions.empty()
               ? std::string(model::to_string(vulnerability.fix_state))
               : join(vulnerability.fixed_versions, ", ");
}

std::string findings(const Report& report, const TableStyle& style) {
    TextTable table({{"SEVERITY", false, false},
                     {"ID", false, false},
                     {"PACKAGE", true, false},
                     {"INSTALLED", true, false},
                     {"FIXED IN", true, false},
                     {"WHERE", true, true},
                     {"SUMMARY", true, false}});
    for (const auto& vulnerability : report.vulnerabilities) {
        table.add({std::string(model::to_string(vulnerability.severity)), vulnerability.id,
                   vulnerability.package_name, vulnerability.package_version, fix_of(vulnerability),
                   vulnerability.package_location,
                   vulnerability.remark.empty()
                       ? vulnerability.summary
                       : vulnerability.summary + " (" + vulnerability.remark + ")"},
                  style.colour ? colour_of(vulnerability.severity) : "");
    }
    return table.empty() ? std::string() : "\nVulnerabilities\n" + table.render(style.width, "  ");
}

std::string suppressed(const Report& report, const TableStyle& style) {
    TextTable table({{"ID", false, false},
                     {"PACKAGE", true, false},
                     {"INSTALLED", true, false},
                     {"NOT COUNTED BECAUSE", true, false}});
    for (const auto& vulnerability : report.suppressed) {
        table.add({vulnerability.id, vulnerability.package_name, vulnerability.package_version,
                   vulnerability.suppressed_by});
    }
    return table.empty() ? std::string() : "\nSuppressed\n" + table.render(style.width, "  ");
}

// Damage comes in masses: of entries that differ in name alone a terminal gets the first few.
constexpr std::size_t kLinesOfAKind = 10;

bool same_kind(const model::CoverageEntry& a, const model::CoverageEntry& b) {
    return a.scope == b.scope && a.state == b.state && a.reason == b.reason;
}

std::vector<model::CoverageEntry> shortened(const std::vector<model::CoverageEntry>& coverage) {
    std::vector<model::CoverageEntry> shown;
    for (auto first = coverage.begin(); first != coverage.end();) {
        const auto end = std::find_if_not(
            first, coverage.end(), [&](const auto& entry) { return same_kind(entry, *first); });
        const auto cut = end - first > static_cast<std::ptrdiff_t>(kLinesOfAKind)
                             ? first + kLinesOfAKind - 1
                             : end;
        shown.insert(shown.end(), first, cut);
        model::CoverageEntry rest = *first;
        rest.count = 0;
        for (auto entry = cut; entry != end; ++entry) rest.count += entry->count;
        rest.name = fmt::format("and {} more (--format json lists them)", grouped(rest.count));
        if (cut != end) shown.push_back(std::move(rest));
        first = end;
    }
    return shown;
}

std::string coverage(const Report& report, const TableStyle& style) {
    TextTable table({{"STATE", false, false},
                     {"WHAT", false, false},
                     {"NAME", true, true},
                     {"COUNT", false, false},
                     {"REMARK", true, false}});
    for (const auto& entry : shortened(report.coverage)) {
        table.add(
            {std::string(model::to_string(entry.state)), std::string(model::to_string(entry.scope)),
             entry.name, grouped(entry.count), entry.reason},
            style.colour ? colour_of_state(entry.state) : "");
    }
    return "\nCoverage\n" + table.render(style.width, "  ");
}

}  // namespace

bool Report::uses_demo_data() const {
    return advisories && std::ranges::any_of(advisories->sources, &advisories::SourceInfo::demo);
}

std::string to_table(const Report& report, const TableStyle& style) {
    std::string text =
        fmt::format("{} {}: scanned in {:.1f} s\n", kProgramName, kVersion, report.seconds);
    text += summary(report, style);
    if (report.uses_demo_data()) {
        text += "  The advisories are demonstration data: they say nothing about real risk.\n";
    }
    text += findings(report, style);
    text += suppressed(report, style);
    text += coverage(report, style);
    return text;
}

}  // namespace vmsecurity::cli
