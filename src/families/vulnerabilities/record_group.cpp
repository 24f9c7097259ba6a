#include "families/vulnerabilities/record_group.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace vmsecurity::families::vulnerabilities {
namespace {

using Names = std::set<std::string_view>;
using Records = std::vector<const MatchedRecord*>;

bool is_cve(std::string_view id) {
    return id.starts_with("CVE-");
}

// Announcements of updates, each of which may fix many vulnerabilities: security advisories of
// Debian, its LTS and its testing, Freexian's, and Ubuntu's notices.
bool is_bulletin(std::string_view id) {
    static constexpr std::array<std::string_view, 6> kPrefixes = {"DSA-", "DLA-", "DTSA-",
                                                                  "ELA-", "USN-", "LSN-"};
    return std::ranges::any_of(kPrefixes, [&](auto prefix) { return id.starts_with(prefix); });
}

Names names_of(const MatchedRecord& one, bool cves) {
    const advisories::Advisory& advisory = one.record.advisory;
    Names names;
    if (is_cve(advisory.id) == cves) names.insert(advisory.id);
    for (const std::string& alias : advisory.aliases) {
        if (is_cve(alias) == cves) names.insert(alias);
    }
    return names;
}

// Union-find over the names, other than CVEs, that the records share.
std::vector<Records> connected(const Records& records) {
    std::vector<std::size_t> parent(records.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    const auto root = [&](std::size_t i) {
        while (parent[i] != i) i = parent[i] = parent[parent[i]];
        return i;
    };
    std::map<std::string_view, std::size_t> seen;
    for (std::size_t i = 0; i < records.size(); ++i) {
        for (const std::string_view name : names_of(*records[i], false)) {
            const auto [first, is_new] = seen.try_emplace(name, i);
            if (is_new) continue;
            const std::size_t a = root(first->second);
            const std::size_t b = root(i);
            parent[std::max(a, b)] = std::min(a, b);
        }
    }
    std::map<std::size_t, Records> components;
    for (std::size_t i = 0; i < records.size(); ++i) components[root(i)].push_back(records[i]);
    std::vector<Records> result;
    for (auto& [first, component] : components) result.push_back(std::move(component));
    return result;
}

class Grouping {
  public:
    explicit Grouping(const std::vector<MatchedRecord>& records) {
        for (const MatchedRecord& one : records) sort_in(one);
        place_without_cve();
        for (const MatchedRecord* one : bulletins_) place_bulletin(*one);
    }

    std::vector<RecordGroup> take() {
        for (auto& [cve, group] : by_cve_) groups_.push_back(std::move(group));
        std::ranges::sort(groups_, {}, [](const RecordGroup& group) {
            return std::tie(group.id, group.speakers().front()->record.advisory.id);
        });
        return std::move(groups_);
    }

  private:
    void sort_in(const MatchedRecord& one);
    void place_without_cve();
    void place(const Records& records, const Names& cves);
    Names cves_named_by(const Records& records) const;
    void place_bulletin(const MatchedRecord& one);
    RecordGroup& group_of(std::string_view cve) {
        RecordGroup& group = by_cve_[cve];
        group.id = cve;
        return group;
    }

    std::map<std::string_view, RecordGroup> by_cve_;
    std::vector<RecordGroup> groups_;                 // of what has no CVE
    std::map<std::string_view, Names> cves_of_name_;  // "GHSA-..." -> the CVEs it is used for
    Records without_cve_;
    Records bulletins_;
};

void Grouping::sort_in(const MatchedRecord& one) {
    if (is_bulletin(one.record.advisory.id)) {
        bulletins_.push_back(&one);
        return;
    }
    const Names cves = names_of(one, true);
    if (cves.empty()) without_cve_.push_back(&one);
    for (const std::string_view cve : cves) {
        RecordGroup& group = group_of(cve);
        (cves.size() == 1 ? group.members : group.others).push_back(&one);
        for (const std::string_view name : names_of(one, false)) cves_of_name_[name].insert(cve);
    }
}

Names Grouping::cves_named_by(const Records& records) const {
    Names cves;
    for (const MatchedRecord* one : records) {
        for (const std::string_view name : names_of(*one, false)) {
            const auto known = cves_of_name_.find(name);
            if (known != cves_of_name_.end()) {
                cves.insert(known->second.begin(), known->second.end());
            }
        }
    }
    return cves;
}

void Grouping::place(const Records& records, const Names& cves) {
    if (cves.empty()) {
        groups_.push_back({records.front()->record.advisory.id, records, {}});
    }
    for (const std::string_view cve : cves) {
        RecordGroup& group = group_of(cve);
        Records& place = cves.size() == 1 ? group.members : group.others;
        place.insert(place.end(), records.begin(), records.end());
    }
}

// First each record that shares a name with one that names a CVE, so that what such a record is
// connected with does not tie its CVE to another; then the rest, connected.
void Grouping::place_without_cve() {
    Records rest;
    std::vector<std::pair<const MatchedRecord*, Names>> direct;
    for (const MatchedRecord* one : without_cve_) {
        Names cves = cves_named_by({one});
        if (cves.empty()) {
            rest.push_back(one);
        } else {
            direct.emplace_back(one, std::move(cves));
        }
    }
    for (const auto& [one, cves] : direct) {
        place({one}, cves);
        for (const std::string_view name : names_of(*one, false)) {
            cves_of_name_[name].insert(cves.begin(), cves.end());
        }
    }
    for (const Records& component : connected(rest)) place(component, cves_named_by(component));
}

void Grouping::place_bulletin(const MatchedRecord& one) {
    const advisories::Advisory& advisory = one.record.advisory;
    const Names own = names_of(one, true);
    Names cves = own;
    cves.insert(advisory.related.begin(), advisory.related.end());
    bool placed = false;
    for (const std::string_view cve : cves) {
        const auto group = by_cve_.find(cve);
        if (group == by_cve_.end()) continue;
        group->second.others.push_back(&one);
        placed = true;
    }
    if (placed) return;
    // In groups_, not by_cve_: a later bulletin must not take this one for a record of the CVE.
    groups_.push_back({own.size() == 1 ? std::string(*own.begin()) : advisory.id, {&one}, {}});
}

}  // namespace

std::vector<RecordGroup> group_records(const std::vector<MatchedRecord>& records) {
    return Grouping(records).take();
}

std::vector<std::string> aliases_of(const RecordGroup& group) {
    std::set<std::string> names;
    for (const MatchedRecord* one : group.speakers()) {
        const auto others = names_of(*one, false);
        names.insert(others.begin(), others.end());
        if (group.members.empty()) continue;  // its CVEs are other vulnerabilities
        const auto cves = names_of(*one, true);
        names.insert(cves.begin(), cves.end());
    }
    names.erase(group.id);
    return {names.begin(), names.end()};
}

}  // namespace vmsecurity::families::vulnerabilities
