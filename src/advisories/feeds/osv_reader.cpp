#include "advisories/feeds/osv_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "advisories/cvss.h"
#include "advisories/feeds/ecosystem.h"
#include "base/text.h"
#include "codec/json.h"
#include "codec/yaml.h"
#include "versions/pep440_version.h"

namespace vmsecurity::advisories {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
using codec::array_member;
using codec::object_member;
using codec::text_member;

constexpr std::size_t kMaxUrls = 10;

// Calls `use` for each object of the array `name`; other elements are passed over.
template <typename Use>
void for_each_object(const object& parent, std::string_view name, Use&& use) {
    const array* elements = array_member(parent, name);
    if (elements == nullptr) return;
    for (const value& element : *elements) {
        if (const object* one = element.if_object()) use(*one);
    }
}

void append_texts(const object& parent, std::string_view name, std::vector<std::string>& out) {
    const array* elements = array_member(parent, name);
    if (elements == nullptr) return;
    for (const value& element : *elements) {
        if (element.is_string() && !element.get_string().empty()) {
            out.emplace_back(element.get_string().data(), element.get_string().size());
        }
    }
}

void sort_unique(std::vector<std::string>& texts) {
    std::ranges::sort(texts);
    const auto rest = std::ranges::unique(texts);
    texts.erase(rest.begin(), rest.end());
}

VersionRange read_range(const object& range) {
    static constexpr std::array<std::pair<std::string_view, EventKind>, 4> kKinds = {{
        {"introduced", EventKind::kIntroduced},
        {"fixed", EventKind::kFixed},
        {"last_affected", EventKind::kLastAffected},
        {"limit", EventKind::kLimit},
    }};
    VersionRange result;
    for_each_object(range, "events", [&](const object& event) {
        for (const auto& [name, kind] : kKinds) {
            const std::string_view version = text_member(event, name);
            if (!version.empty()) result.events.push_back({kind, std::string(version)});
        }
    });
    return result;
}

// The rating of a record or of one of its packages: a word, and the CVSS vector of the highest
// version.
Rating read_rating(const object& holder) {
    Rating result;
    for_each_object(holder, "severity", [&](const object& rating) {
        const std::string_view score = text_member(rating, "score");
        if (cvss_base_score(score)) {
            if (cvss_version(score) > cvss_version(result.cvss_vector)) {
                result.cvss_vector = score;
            }
        } else if (const auto word = model::parse_severity(score)) {
            result.severity = std::max(result.severity, *word);
        }
    });
    if (const object* specific = object_member(holder, "database_specific")) {
        if (const auto word = model::parse_severity(text_member(*specific, "severity"))) {
            result.severity = std::max(result.severity, *word);
        }
    }
    return result;
}

// Nothing where the entry names no package or nothing that a version could be compared with.
// `damaged` is set where a range had to be left out because it does not say where it begins.
std::optional<AffectedPackage> read_affected(const object& entry, bool& damaged) {
    const object* package = object_member(entry, "package");
    if (package == nullptr) return std::nullopt;
    AffectedPackage affected;
    affected.ecosystem = known_spelling(text_member(*package, "ecosystem"));
    affected.name = text_member(*package, "name");
    if (affected.ecosystem.empty() || affected.name.empty()) return std::nullopt;
    if (affected.ecosystem == "PyPI") affected.name = versions::normalize_pypi_name(affected.name);
    for_each_object(entry, "ranges", [&](const object& range) {
        if (text_member(range, "type") == "GIT") return;
        VersionRange read = read_range(range);
        const bool begins = std::ranges::find(read.events, EventKind::kIntroduced,
                                              &RangeEvent::kind) != read.events.end();
        damaged = damaged || (!begins && !read.events.empty());
        if (begins) affected.ranges.push_back(std::move(read));
    });
    append_texts(entry, "versions", affected.versions);
    if (affected.ranges.empty() && affected.versions.empty()) return std::nullopt;
    if (const object* specific = object_member(entry, "ecosystem_specific")) {
        affected.urgency = text_member(*specific, "urgency");
        if (affected.urgency.empty()) affected.urgency = text_member(*specific, "ubuntu_priority");
    }
    affected.rating = read_rating(entry);
    return affected;
}

// Distributions number their view of a CVE after it ("DEBIAN-CVE-2024-1", "UBUNTU-CVE-2024-1"): the
// same vulnerability, so an alias. Of others the name alone does not say so; they have to name the
// CVE as upstream as well.
void add_alias_of_id(Advisory& advisory) {
    const std::size_t start = advisory.id.find("-CVE-");
    if (start == std::string::npos) return;
    const std::string_view prefix = std::string_view(advisory.id).substr(0, start);
    const std::string cve = advisory.id.substr(start + 1);
    if (prefix == "DEBIAN" || prefix == "UBUNTU" ||
        std::ranges::find(advisory.related, cve) != advisory.related.end()) {
        advisory.aliases.push_back(cve);
    }
}

base::Result<void> read_record(const value& json, const std::string& where, FeedReport& report) {
    const object* record = json.if_object();
    const std::string_view id = record == nullptr ? "" : text_member(*record, "id");
    if (id.empty() || (array_member(*record, "affected") == nullptr &&
                       text_member(*record, "modified").empty())) {
        report.reject(where, {base::ErrorCode::kCorrupt,
                              "no OSV record: it has no \"id\", or neither \"modified\" nor "
                              "\"affected\"",
                              {},
                              {}});
        return {};
    }
    report.counts().osv = true;
    if (!text_member(*record, "withdrawn").empty()) {
        ++report.counts().withdrawn;
        return {};
    }

    Advisory advisory;
    advisory.id = id;
    append_texts(*record, "aliases", advisory.aliases);
    append_texts(*record, "related", advisory.related);
    append_texts(*record, "upstream", advisory.related);
    add_alias_of_id(advisory);
    std::erase(advisory.aliases, advisory.id);
    sort_unique(advisory.aliases);
    sort_unique(advisory.related);
    advisory.summary = one_line(text_member(*record, "summary"));
    if (advisory.summary.empty()) advisory.summary = one_line(text_member(*record, "details"));
    advisory.published = text_member(*record, "published");
    advisory.modified = text_member(*record, "modified");
    advisory.rating = read_rating(*record);
    for_each_object(*record, "references", [&](const object& reference) {
        const std::string_view url = text_member(reference, "url");
        if (advisory.urls.size() < kMaxUrls && url.starts_with("http")) {
            advisory.urls.emplace_back(url);
        }
    });
    bool damaged = false;
    for_each_object(*record, "affected", [&](const object& entry) {
        if (auto affected = read_affected(entry, damaged)) {
            advisory.affected.push_back(std::move(*affected));
        }
    });
    if (damaged) {
        report.reject(where,
                      {base::ErrorCode::kCorrupt,
                       "a version range has no \"introduced\" event, so it is not known where it "
                       "begins; the schema requires one (\"0\" for the first version)",
                       advisory.id,
                       {}});
    }
    if (advisory.affected.empty()) {
        if (!damaged) ++report.counts().skipped;
        return {};
    }
    return report.add(std::move(advisory));
}

// Text of which no whole JSON value could be made: perhaps one a line.
base::Result<void> read_lines(std::string_view text, const std::string& where, FeedReport& report) {
    base::Result<void> result;
    codec::for_each_json_line(text, [&](std::uint64_t line, base::Result<value> json) {
        const std::string place = fmt::format("{} line {}", where, line);
        if (json) {
            result = read_record(*json, place, report);
        } else {
            report.reject(place, json.error());
        }
        return result.has_value();
    });
    return result;
}

}  // namespace

base::Result<void> read_osv_json(std::string_view text, const std::string& where,
                                 FeedReport& report) {
    // A line that is a whole object makes it NDJSON, which must not be parsed as one value first:
    // feeds of this form are large.
    const std::string_view first_line = text.substr(0, text.find('\n'));
    if (first_line.size() < base::trim(text).size() && base::trim(first_line).ends_with('}')) {
        return read_lines(text, where, report);
    }
    const base::Result<value> json = codec::parse_json(text);
    if (!json) {
        report.reject(where, json.error());
        return {};
    }
    const array* records = json->if_array();
    if (records == nullptr) return read_record(*json, where, report);
    for (std::size_t i = 0; i < records->size(); ++i) {
        VMSECURITY_TRY(read_record((*records)[i], fmt::format("{} element {}", where, i), report));
    }
    return {};
}

base::Result<void> read_osv_yaml(std::string_view text, const std::string& where,
                                 FeedReport& report) {
    const base::Result<value> json = codec::parse_yaml(text);
    if (!json) {
        report.reject(where, json.error());
        return {};
    }
    return read_record(*json, where, report);
}

}  // namespace vmsecurity::advisories
