#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::model {

// What was looked at. "Nothing found" counts only where the state is kScanned.
enum class CoverageState : std::uint8_t {
    kScanned,  // looked at to its end
    kSkipped,  // left out on request, or nothing to look at (swap, BIOS boot); does not make a scan
               // incomplete
    kTruncated,    // looked at in part: a limit was reached
    kUnsupported,  // recognised or not, this build cannot read it
    kFailed,       // should have been readable and was not
};
std::string_view to_string(CoverageState state);

enum class CoverageScope : std::uint8_t {
    kDisk,
    kPartition,
    kFileSystem,
    kDatabase,
    kAnalyzer,
    kFile
};
std::string_view to_string(CoverageScope scope);

struct CoverageEntry {
    CoverageScope scope = CoverageScope::kFile;
    std::string name;  // "disk", "partition 2", "/var/lib/dpkg/status", "sbom/dpkg"; escaped bytes
    CoverageState state = CoverageState::kScanned;
    std::string reason;  // why it is not simply scanned; may also remark on what was
    std::uint64_t count =
        1;  // how many things this entry stands for (errors of one kind in one place are summed up)

    bool operator==(const CoverageEntry&) const = default;
};

// True if no entry is truncated, unsupported or failed.
bool is_complete(const std::vector<CoverageEntry>& coverage);

}  // namespace vmsecurity::model
