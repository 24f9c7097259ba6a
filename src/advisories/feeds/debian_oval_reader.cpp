#include "advisories/feeds/debian_oval_reader.h"

#include <algorithm>

#include "advisories/feeds/oval_criteria.h"
#include "base/text.h"
#include "codec/xml.h"

namespace vmsecurity::advisories {
namespace {

constexpr std::size_t kMaxUrls = 10;

// What Debian's OVAL compares with where a release has no fix yet: "earlier than 0", which no
// version is. Releases that are not affected have no definition. OSV's `fixed: "0"`, which is
// Debian's tracker speaking, means the opposite.
constexpr std::string_view kNotFixedYet = "0";

std::string_view text_of(const pugi::xml_node& parent, std::string_view name) {
    return base::trim(child_element(parent, name).text().get());
}

// "Debian GNU/Linux 12" -> "12"; empty for another platform.
std::string platform_release(const pugi::xml_node& metadata) {
    static constexpr std::string_view kDebian = "Debian GNU/Linux ";
    const std::string_view platform = text_of(child_element(metadata, "affected"), "platform");
    if (!platform.starts_with(kDebian)) return {};
    const std::string_view release = platform.substr(kDebian.size());
    return base::parse_unsigned(release) ? std::string(release) : std::string();
}

// Nothing where the conditions are on several packages at once, or on none.
std::optional<AffectedPackage> affected_by(const Conjunction& conjunction,
                                           const std::string& platform) {
    const std::string& release = conjunction.release.empty() ? platform : conjunction.release;
    if (release.empty() || conjunction.packages.size() != 1) return std::nullopt;
    const PackageCondition& condition = conjunction.packages.front();
    AffectedPackage affected;
    affected.ecosystem = "Debian:" + release;
    affected.name = condition.name;
    if (!condition.equal_to.empty()) {
        affected.versions.push_back(condition.equal_to);
        return affected;
    }
    VersionRange range;
    range.events.push_back(
        {EventKind::kIntroduced, condition.at_least.empty() ? "0" : condition.at_least});
    if (!condition.less_than.empty() && condition.less_than != kNotFixedYet) {
        range.events.push_back({EventKind::kFixed, condition.less_than});
    }
    if (!condition.at_most.empty()) {
        range.events.push_back({EventKind::kLastAffected, condition.at_most});
    }
    affected.ranges.push_back(std::move(range));
    return affected;
}

void read_names(const pugi::xml_node& definition, const pugi::xml_node& metadata,
                Advisory& advisory) {
    std::vector<std::string> cves;
    for (const pugi::xml_node& reference : metadata) {
        if (local_name(reference) != "reference" ||
            std::string_view(reference.attribute("source").value()) != "CVE") {
            continue;
        }
        cves.emplace_back(reference.attribute("ref_id").value());
        const std::string_view url = reference.attribute("ref_url").value();
        if (url.starts_with("http") && advisory.urls.size() < kMaxUrls) {
            advisory.urls.emplace_back(url);
        }
    }
    const std::string_view title = text_of(metadata, "title");
    if (std::string_view(definition.attribute("class").value()) == "vulnerability" &&
        cves.size() == 1) {
        advisory.id = cves.front();
    } else {
        advisory.id = title.substr(0, title.find(' '));
        std::ranges::sort(cves);
        advisory.related = std::move(cves);
    }
}

base::Result<void> read_definition(const pugi::xml_node& definition, const OvalCriteria& criteria,
                                   const std::string& where, FeedReport& report) {
    const pugi::xml_node metadata = child_element(definition, "metadata");
    Advisory advisory;
    read_names(definition, metadata, advisory);
    if (advisory.id.empty()) {
        report.reject(where, {base::ErrorCode::kCorrupt,
                              "an OVAL definition without a name",
                              definition.attribute("id").value(),
                              {}});
        return {};
    }
    const auto alternatives = criteria.resolve(child_element(definition, "criteria"));
    const std::string platform = platform_release(metadata);
    for (const Conjunction& conjunction : alternatives.value_or(Alternatives{})) {
        if (auto affected = affected_by(conjunction, platform)) {
            advisory.affected.push_back(std::move(*affected));
        }
    }
    if (!alternatives || advisory.affected.size() != alternatives->size() ||
        advisory.affected.empty()) {
        ++report.counts().skipped;
        return {};
    }

    const pugi::xml_node debian = child_element(metadata, "debian");
    const std::string_view description = text_of(metadata, "description");
    const std::string_view more = text_of(debian, "moreinfo");
    // Of a DSA the description is only "security update"; what it is about stands in moreinfo.
    advisory.summary =
        one_line(description.empty() || description == "security update" ? more : description);
    if (advisory.summary.empty()) advisory.summary = one_line(description);
    if (const std::string_view date = text_of(debian, "date"); date.size() == 10) {
        advisory.published = std::string(date) + "T00:00:00Z";
    }
    return report.add(std::move(advisory));
}

}  // namespace

base::Result<void> read_debian_oval(std::string_view text, const std::string& where,
                                    FeedReport& report) {
    auto document = codec::parse_xml(text);
    if (!document) {
        document.error().message = where + ": " + document.error().message;
        return base::fail(std::move(document).error());
    }
    const pugi::xml_node root = child_element((*document)->tree, "oval_definitions");
    const pugi::xml_node definitions = child_element(root, "definitions");
    if (!definitions) {
        return base::fail(base::ErrorCode::kUnsupported,
                          where + " is XML, but not OVAL definitions");
    }
    report.counts().debian_oval = true;
    const OvalCriteria criteria(root);
    for (const pugi::xml_node& definition : definitions) {
        if (local_name(definition) != "definition") continue;
        VMSECURITY_TRY(read_definition(definition, criteria, where, report));
    }
    const std::string_view timestamp = text_of(child_element(root, "generator"), "timestamp");
    if (!timestamp.empty()) report.counts().newest = timestamp;
    return {};
}

}  // namespace vmsecurity::advisories
