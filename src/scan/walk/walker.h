#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "filesystem/file_system.h"
#include "scan/coverage_ledger.h"
#include "scan/matching/glob.h"
#include "scan/matching/want_matcher.h"
#include "scan/protocol/messages.h"
#include "scan/walk/batch_writer.h"
#include "scan/walk/credit.h"
#include "scan/walk/directory_stack.h"

namespace vmsecurity::scan::walk {

// The one walk over a file system: lists every directory once, with several threads, and reads the
// files that some analyzer wants. Damage and refused entries are coverage, not errors; the walk
// goes on beside them.
class Walker {
  public:
    // `file_system` and `consumer` must outlive the walker; the consumer is called from all
    // threads.
    static base::Result<std::unique_ptr<Walker>> make(const filesystem::FileSystem& file_system,
                                                      const protocol::WalkRequest& request,
                                                      BatchConsumer consumer);

    // Walks to the end or until stop(). An Error means that the walk as a whole could not go on.
    base::Result<protocol::WalkDone> run();

    void stop();  // from another thread
    void give_back(std::uint64_t bytes) { credit_.give_back(bytes); }

    protocol::Progress progress() const;
    std::vector<model::CoverageEntry> take_coverage();

  private:
    class Thread;
    Walker(const filesystem::FileSystem& file_system, const protocol::WalkRequest& request,
           matching::WantMatcher matcher, std::vector<matching::Glob> excludes,
           BatchConsumer consumer);

    base::Result<void> start(filesystem::Session& session, protocol::WalkDone& done);
    void note(model::CoverageState state, std::string_view path, std::string reason);
    void note(std::string_view path, const base::Error& error);
    bool excluded(std::string_view path) const;
    bool excluded_with_parents(std::string_view path) const;
    void fail(base::Error error);

    const filesystem::FileSystem& file_system_;
    const protocol::WalkRequest& request_;
    matching::WantMatcher matcher_;
    std::vector<matching::Glob> excludes_;
    BatchConsumer consumer_;

    CreditAccount credit_;
    DirectoryStack stack_;
    VisitedDirectories visited_;
    std::unordered_set<std::string>
        read_first_;  // real paths of exact wants; fixed before the threads start

    std::atomic<std::uint64_t> directories_ = 0;
    std::atomic<std::uint64_t> entries_ = 0;
    std::atomic<std::uint64_t> files_read_ = 0;
    std::atomic<std::uint64_t> bytes_read_ = 0;

    mutable std::mutex mutex_;  // for what follows
    CoverageLedger coverage_;
    std::string current_path_;
    std::optional<base::Error> failure_;
};

}  // namespace vmsecurity::scan::walk
