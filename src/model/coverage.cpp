#include "model/coverage.h"

#include <algorithm>

namespace vmsecurity::model {

std::string_view to_string(CoverageState state) {
    switch (state) {
        case CoverageState::kScanned:
            return "scanned";
        case CoverageState::kSkipped:
            return "skipped";
        case CoverageState::kTruncated:
            return "truncated";
        case CoverageState::kUnsupported:
            return "unsupported";
        case CoverageState::kFailed:
            return "failed";
    }
    return "unknown";
}

std::string_view to_string(CoverageScope scope) {
    switch (scope) {
        case CoverageScope::kDisk:
            return "disk";
        case CoverageScope::kPartition:
            return "partition";
        case CoverageScope::kFileSystem:
            return "file system";
        case CoverageScope::kDatabase:
            return "database";
        case CoverageScope::kAnalyzer:
            return "analyzer";
        case CoverageScope::kFile:
            return "file";
    }
    return "unknown";
}

bool is_complete(const std::vector<CoverageEntry>& coverage) {
    return std::ranges::all_of(coverage, [](const CoverageEntry& entry) {
        return entry.state == CoverageState::kScanned || entry.state == CoverageState::kSkipped;
    });
}

}  // namespace vmsecurity::model
