#include "cli/advisories/info_report.h"

#include <fmt/format.h>

#include <ctime>
#include <optional>

#include "base/text.h"
#include "cli/console/text_table.h"
#include "codec/json_writer.h"

namespace vmsecurity::cli {
namespace {

constexpr std::int64_t kSecondsPerDay = 24 * 60 * 60;

// Days since 1970 of an RFC 3339 time's date.
std::optional<std::int64_t> day_of(const std::string& time) {
    std::tm parts{};
    if (::strptime(time.c_str(), "%Y-%m-%d", &parts) == nullptr) return std::nullopt;
    return static_cast<std::int64_t>(::timegm(&parts)) / kSecondsPerDay;
}

std::string age(const std::string& time, const std::string& now) {
    const auto then = day_of(time);
    const auto today = day_of(now);
    if (!then || !today) return "unknown";
    return fmt::format("{} ({} days)", time.substr(0, 10), *today - *then);
}

}  // namespace

std::string to_table(const advisories::DatabaseInfo& info, const std::string& file,
                     const std::string& now) {
    std::string text = fmt::format("{}: {} records, {}, built {} by {}\n\n",
                                   base::escape_bytes(file), grouped(info.advisories),
                                   base::format_size(info.file_size), info.created, info.tool);
    TextTable sources({{"SOURCE", false, false},
                       {"FORMAT", false, false},
                       {"RECORDS", false, false},
                       {"WITHDRAWN", false, false},
                       {"SKIPPED", false, false},
                       {"REJECTED", false, false},
                       {"NEWEST RECORD", false, false},
                       {"READ FROM", true, false}});
    for (const advisories::SourceInfo& source : info.sources) {
        sources.add({source.name + (source.demo ? " (demonstration data)" : ""), source.format,
                     grouped(source.records), grouped(source.withdrawn), grouped(source.skipped),
                     grouped(source.rejected), age(source.newest, now),
                     base::escape_bytes(source.location)});
    }
    text += sources.render(0, "  ") + '\n';
    TextTable ecosystems({{"ECOSYSTEM", false, false}, {"PACKAGES", false}, {"RECORDS", false}});
    for (const advisories::EcosystemInfo& ecosystem : info.ecosystems) {
        ecosystems.add(
            {ecosystem.name, grouped(ecosystem.packages), grouped(ecosystem.advisories)});
    }
    return text + ecosystems.render(0, "  ");
}

std::string to_json(const advisories::DatabaseInfo& info, const std::string& file) {
    codec::JsonWriter json(2);
    json.begin_object();
    json.member("file", file);
    json.member("created", info.created);
    json.member("tool", info.tool);
    json.member("records", info.advisories);
    json.member("sizeBytes", info.file_size);
    json.key("sources");
    json.begin_array();
    for (const advisories::SourceInfo& source : info.sources) {
        json.begin_object();
        json.member("name", source.name);
        json.member("format", source.format);
        json.member("location", source.location);
        json.member("retrieved", source.retrieved);
        json.member("newest", source.newest);
        json.member("records", source.records);
        json.member("withdrawn", source.withdrawn);
        json.member("skipped", source.skipped);
        json.member("rejected", source.rejected);
        json.member("demo", source.demo);
        json.end_object();
    }
    json.end_array();
    json.key("ecosystems");
    json.begin_array();
    for (const advisories::EcosystemInfo& ecosystem : info.ecosystems) {
        json.begin_object();
        json.member("name", ecosystem.name);
        json.member("packages", ecosystem.packages);
        json.member("records", ecosystem.advisories);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.take() + '\n';
}

}  // namespace vmsecurity::cli
