#include "scan/coverage_ledger.h"

#include <iterator>

namespace vmsecurity::scan {

void CoverageLedger::add(const model::CoverageEntry& entry) {
    Kind kind{entry.scope, entry.state, entry.reason};
    if (!kinds_.contains(kind) && kinds_.size() >= kKindsKept) std::get<2>(kind) = "other reasons";
    Group& group = kinds_[kind];
    bytes_ += entry.name.size();
    if (entry.name.empty() || bytes_ > kBytesKept) {
        group.others += entry.count;
        return;
    }
    group.names[entry.name] += entry.count;
    // Files come in masses; every disk, database and analyzer keeps its line.
    const std::size_t kept =
        entry.scope == model::CoverageScope::kFile ? kNamesKept : kOtherNamesKept;
    if (group.names.size() > kept) {
        const auto last = std::prev(group.names.end());
        group.others += last->second;
        bytes_ -= last->first.size();
        group.names.erase(last);
    }
}

void CoverageLedger::add(const std::vector<model::CoverageEntry>& entries) {
    for (const model::CoverageEntry& entry : entries) add(entry);
}

std::vector<model::CoverageEntry> CoverageLedger::take() {
    std::vector<model::CoverageEntry> entries;
    for (const auto& [kind, group] : kinds_) {
        const auto& [scope, state, reason] = kind;
        for (const auto& [name, count] : group.names) {
            entries.push_back({scope, name, state, reason, count});
        }
        if (group.others > 0) {
            entries.push_back({scope, "", state, reason, group.others});
        }
    }
    kinds_.clear();
    bytes_ = 0;
    return entries;
}

}  // namespace vmsecurity::scan
