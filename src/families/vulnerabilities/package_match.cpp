#include "families/vulnerabilities/package_match.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "families/vulnerabilities/rating.h"
#include "families/vulnerabilities/record_group.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using advisories::PackageAdvisory;

// The fix of a bulletin is that of the last of its vulnerabilities, so only members speak of it.
void set_fix(const RecordGroup& group, const Lookup& lookup, model::Vulnerability& vulnerability) {
    std::vector<const advisories::AffectedPackage*> entries;
    bool open_ended = false;
    bool given_up = false;
    for (const MatchedRecord* one : group.speakers()) {
        entries.push_back(&one->record.affected);
        open_ended = open_ended || one->match.open_ended;
        given_up = given_up || one->record.affected.urgency == "end-of-life";
    }
    std::string fixed = lowest_fixed(entries, lookup.version, *lookup.order);
    if (!fixed.empty()) {
        vulnerability.fix_state = model::FixState::kFixed;
        vulnerability.fixed_versions.push_back(std::move(fixed));
    } else if (given_up) {
        vulnerability.fix_state = model::FixState::kWillNotFix;
    } else if (open_ended) {
        vulnerability.fix_state = model::FixState::kNotFixed;
    }
}

void set_rating(const RecordGroup& group, model::Vulnerability& vulnerability) {
    std::vector<const PackageAdvisory*> records;
    for (const MatchedRecord* one : group.speakers()) records.push_back(&one->record);
    rate(records, vulnerability);
    if (vulnerability.severity != model::Severity::kUnknown) return;
    // Better the rating of all that an update fixes than none.
    for (const MatchedRecord* one : group.others) records.push_back(&one->record);
    rate(records, vulnerability);
}

void add_evidence(const std::vector<const MatchedRecord*>& records, const Lookup& lookup,
                  const advisories::DatabaseInfo& info, model::Vulnerability& vulnerability) {
    for (const MatchedRecord* one : records) {
        vulnerability.evidence.push_back(
            {one->record.advisory.id, info.sources[one->record.source].name,
             one->record.affected.ecosystem, lookup.name, lookup.version, one->match.constraint,
             std::string(lookup.order->name())});
    }
}

model::Vulnerability make_vulnerability(const RecordGroup& group, const Lookup& lookup,
                                        const advisories::DatabaseInfo& info) {
    model::Vulnerability vulnerability;
    vulnerability.id = group.id;
    vulnerability.aliases = aliases_of(group);
    for (const MatchedRecord* one : group.speakers()) {
        const advisories::Advisory& advisory = one->record.advisory;
        if (vulnerability.summary.empty()) vulnerability.summary = advisory.summary;
        for (const std::string& url : advisory.urls) {
            if (std::ranges::find(vulnerability.urls, url) == vulnerability.urls.end()) {
                vulnerability.urls.push_back(url);
            }
        }
    }
    add_evidence(group.members, lookup, info, vulnerability);
    add_evidence(group.others, lookup, info, vulnerability);
    set_rating(group, vulnerability);
    set_fix(group, lookup, vulnerability);
    return vulnerability;
}

// Drops the records from `first` on that are about something that one of the ecosystems before
// `ecosystem` has a record of, matching or not.
base::Result<void> drop_decided(const advisories::Database& database, const Lookup& lookup,
                                std::size_t ecosystem, std::size_t first,
                                std::vector<MatchedRecord>& records) {
    if (records.size() == first) return {};
    std::set<std::string, std::less<>> decided;
    for (std::size_t i = 0; i < ecosystem; ++i) {
        VMSECURITY_ASSIGN(const auto all, database.find(lookup.ecosystems[i], lookup.name));
        for (const PackageAdvisory& one : all) {
            decided.insert(one.advisory.id);
            decided.insert(one.advisory.aliases.begin(), one.advisory.aliases.end());
        }
    }
    const auto is_decided = [&](const MatchedRecord& one) {
        const advisories::Advisory& advisory = one.record.advisory;
        return decided.contains(advisory.id) ||
               std::ranges::any_of(advisory.aliases,
                                   [&](const auto& alias) { return decided.contains(alias); });
    };
    const auto begin = records.begin() + static_cast<std::ptrdiff_t>(first);
    records.erase(std::remove_if(begin, records.end(), is_decided), records.end());
    return {};
}

}  // namespace

base::Result<Findings> find_vulnerabilities(const advisories::Database& database,
                                            const Lookup& lookup) {
    Findings findings;
    const bool comparable = lookup.order->knows(lookup.version);
    std::vector<MatchedRecord> records;
    for (std::size_t i = 0; i < lookup.ecosystems.size(); ++i) {
        std::vector<AffectedMatch> matches;
        const auto is_affected = [&](const advisories::AffectedPackage& affected) {
            findings.known = true;
            auto match = match_version(affected, lookup.version, *lookup.order);
            if (!match) {
                findings.not_comparable =
                    findings.not_comparable || (!comparable && has_bounds(affected));
                return false;
            }
            matches.push_back(std::move(*match));
            return true;
        };
        VMSECURITY_ASSIGN(auto found,
                          database.find(lookup.ecosystems[i], lookup.name, is_affected));
        const std::size_t first = records.size();
        for (std::size_t j = 0; j < found.size(); ++j) {
            records.push_back({std::move(found[j]), std::move(matches[j])});
        }
        VMSECURITY_TRY(drop_decided(database, lookup, i, first, records));
    }
    for (const RecordGroup& group : group_records(records)) {
        findings.vulnerabilities.push_back(make_vulnerability(group, lookup, database.info()));
    }
    return findings;
}

}  // namespace vmsecurity::families::vulnerabilities
