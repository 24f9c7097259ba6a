#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/coverage.h"

namespace vmsecurity::scan {

// Gathers coverage in bounded memory: of the entries that agree in scope, state and reason it keeps
// the first names in byte order and counts the rest, so that a file system with a million bad
// inodes gives a short, reproducible report.
class CoverageLedger {
  public:
    static constexpr std::size_t kNamesKept = 200;        // of files
    static constexpr std::size_t kOtherNamesKept = 4096;  // of one kind of anything else
    static constexpr std::size_t kBytesKept = 32 << 20;   // of all text; beyond it only counts
                                                          // of one kind
    static constexpr std::size_t kKindsKept = 200;  // further ones are summed up as "other reasons"

    void add(const model::CoverageEntry& entry);
    void add(const std::vector<model::CoverageEntry>& entries);

    // All entries, disks first and files last, and forgets them. What was counted without a name
    // has the name ""; add() takes such entries back, so that one ledger can feed another.
    std::vector<model::CoverageEntry> take();
    bool empty() const { return kinds_.empty(); }

  private:
    using Kind = std::tuple<model::CoverageScope, model::CoverageState, std::string>;
    struct Group {
        std::map<std::string, std::uint64_t> names;  // name -> count
        std::uint64_t others = 0;                    // counts of names not kept
    };
    std::map<Kind, Group> kinds_;
    std::size_t bytes_ = 0;
};

}  // namespace vmsecurity::scan
