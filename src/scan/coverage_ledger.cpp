#include "scan/coverage_ledger.h"

namespace vmsecurity::scan {

void CoverageLedger::add(const model::CoverageEntry& entry) {
    Kind kind{entry.scope, entry.state, entry.reason};
    if (!kinds_.contains(kind) && kinds_.size() >= kKindsKept) std::get<2>(kind) = "other reasons";
    Group& group = kinds_[kind];
    if (entry.name.empty()) {
        group.others += entry.count;
        return;
    }
    group.names[entry.name] += entry.count;
    // Only files come in masses; every disk, database and analyzer keeps its line.
    if (entry.scope == model::CoverageScope::kFile && group.names.size() > kNamesKept) {
        const auto last = std::prev(group.names.end());
        group.others += last->second;
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
    return entries;
}

}  // namespace vmsecurity::scan
