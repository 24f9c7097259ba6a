#include "families/vulnerabilities/package_match.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string_view>

#include "families/vulnerabilities/rating.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

using advisories::PackageAdvisory;

struct MatchedRecord {
    PackageAdvisory record;
    AffectedMatch match;
};

// Groups records that are connected through ids and aliases. Union-find; groups come in the order
// of their first record.
std::vector<std::vector<const MatchedRecord*>> group_by_alias(
    const std::vector<MatchedRecord>& records) {
    std::vector<std::size_t> parent(records.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    const auto root = [&](std::size_t i) {
        while (parent[i] != i) i = parent[i] = parent[parent[i]];
        return i;
    };
    std::map<std::string_view, std::size_t> seen;
    const auto connect = [&](std::string_view id, std::size_t i) {
        const auto [first, is_new] = seen.try_emplace(id, i);
        if (is_new) return;
        const std::size_t a = root(first->second);
        const std::size_t b = root(i);
        parent[std::max(a, b)] = std::min(a, b);
    };
    for (std::size_t i = 0; i < records.size(); ++i) {
        connect(records[i].record.advisory.id, i);
        for (const std::string& alias : records[i].record.advisory.aliases) connect(alias, i);
    }
    std::map<std::size_t, std::vector<const MatchedRecord*>> groups;
    for (std::size_t i = 0; i < records.size(); ++i) groups[root(i)].push_back(&records[i]);
    std::vector<std::vector<const MatchedRecord*>> result;
    for (auto& [first, group] : groups) result.push_back(std::move(group));
    return result;
}

// The CVE where there is one (the first, if records merge several), else the first record's id.
void name_group(const std::vector<const MatchedRecord*>& group,
                model::Vulnerability& vulnerability) {
    std::set<std::string> ids;
    for (const MatchedRecord* one : group) {
        ids.insert(one->record.advisory.id);
        ids.insert(one->record.advisory.aliases.begin(), one->record.advisory.aliases.end());
    }
    const auto cve =
        std::ranges::find_if(ids, [](const std::string& id) { return id.starts_with("CVE-"); });
    vulnerability.id = cve != ids.end() ? *cve : group.front()->record.advisory.id;
    ids.erase(vulnerability.id);
    vulnerability.aliases.assign(ids.begin(), ids.end());
}

void set_fix(const std::vector<const MatchedRecord*>& group, const VersionOrder& order,
             model::Vulnerability& vulnerability) {
    std::vector<std::string>& fixed = vulnerability.fixed_versions;
    bool open_ended = false;
    bool given_up = false;
    for (const MatchedRecord* one : group) {
        fixed.insert(fixed.end(), one->match.fixed_versions.begin(),
                     one->match.fixed_versions.end());
        open_ended = open_ended || one->match.open_ended;
        given_up = given_up || one->record.affected.urgency == "end-of-life";
    }
    std::ranges::sort(fixed, [&](const std::string& a, const std::string& b) {
        const auto compared = order.compare(a, b);
        return compared != 0 ? compared < 0 : a < b;
    });
    const auto rest = std::ranges::unique(fixed, [&](const std::string& a, const std::string& b) {
        return order.compare(a, b) == 0;
    });
    fixed.erase(rest.begin(), rest.end());
    if (!fixed.empty()) {
        vulnerability.fix_state = model::FixState::kFixed;
    } else if (given_up) {
        vulnerability.fix_state = model::FixState::kWillNotFix;
    } else if (open_ended) {
        vulnerability.fix_state = model::FixState::kNotFixed;
    }
}

model::Vulnerability make_vulnerability(const std::vector<const MatchedRecord*>& group,
                                        const Lookup& lookup,
                                        const advisories::DatabaseInfo& info) {
    model::Vulnerability vulnerability;
    name_group(group, vulnerability);
    std::vector<const PackageAdvisory*> records;
    for (const MatchedRecord* one : group) {
        const advisories::Advisory& advisory = one->record.advisory;
        records.push_back(&one->record);
        if (vulnerability.summary.empty()) vulnerability.summary = advisory.summary;
        for (const std::string& url : advisory.urls) {
            if (std::ranges::find(vulnerability.urls, url) == vulnerability.urls.end()) {
                vulnerability.urls.push_back(url);
            }
        }
        vulnerability.evidence.push_back(
            {advisory.id, info.sources[one->record.source].name, lookup.ecosystem, lookup.name,
             lookup.version, one->match.constraint, std::string(lookup.order->name())});
    }
    rate(records, vulnerability);
    set_fix(group, *lookup.order, vulnerability);
    return vulnerability;
}

}  // namespace

base::Result<std::vector<model::Vulnerability>> find_vulnerabilities(
    const advisories::Database& database, const Lookup& lookup) {
    std::vector<AffectedMatch> matches;
    const auto is_affected = [&](const advisories::AffectedPackage& affected) {
        auto match = match_version(affected, lookup.version, *lookup.order);
        if (!match) return false;
        matches.push_back(std::move(*match));
        return true;
    };
    VMSECURITY_ASSIGN(auto found, database.find(lookup.ecosystem, lookup.name, is_affected));
    std::vector<MatchedRecord> records;
    records.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        records.push_back({std::move(found[i]), std::move(matches[i])});
    }
    std::vector<model::Vulnerability> vulnerabilities;
    for (const auto& group : group_by_alias(records)) {
        vulnerabilities.push_back(make_vulnerability(group, lookup, database.info()));
    }
    std::ranges::sort(vulnerabilities, {}, &model::Vulnerability::id);
    return vulnerabilities;
}

}  // namespace vmsecurity::families::vulnerabilities
