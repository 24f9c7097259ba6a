#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "advisories/advisory.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// What one feed gave; SourceInfo explains the counts.
struct FeedCounts {
    std::uint64_t records = 0;
    std::uint64_t withdrawn = 0;
    std::uint64_t skipped = 0;
    std::uint64_t rejected = 0;
    std::string newest;  // RFC 3339
    bool osv = false;    // which formats were met
    bool debian_oval = false;
};

// Takes the advisories as they are read. An Error ends the reading.
using AdvisorySink = std::function<base::Result<void>(Advisory advisory)>;

// Shared by the readers of all formats: checks what the file format can hold, counts, and passes
// on.
class FeedReport {
  public:
    explicit FeedReport(AdvisorySink sink) : sink_(std::move(sink)) {}

    base::Result<void> add(Advisory advisory);
    // Names the first few rejected records in the log, counts all.
    void reject(std::string_view where, const base::Error& error);
    FeedCounts& counts() { return counts_; }

  private:
    AdvisorySink sink_;
    FeedCounts counts_;
};

// Reads everything at `path`: a file of any supported format and packing, or a directory, whose
// files are taken in the order of their names. Links in a directory are not followed. An Error
// means that a file is damaged as a whole, or that nothing in the feed is an advisory.
base::Result<void> read_feed(const std::string& path, FeedReport& report);

// One line of at most 300 bytes: white space runs become a blank, a cut is marked by "…".
std::string one_line(std::string_view text);

}  // namespace vmsecurity::advisories
