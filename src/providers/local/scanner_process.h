#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace vmsecurity::providers::local {

// A scanner of a folder, at most one at a time, that outlives the process which started it and is
// found again by any later one. Its first process holds a flock(2) of FOLDER/scanner.lock for as
// long as it lives, inherited through exec, so that no process number has to be trusted: only while
// the lock is held does FOLDER/scanner.pid name it.
class ScannerProcess {
  public:
    explicit ScannerProcess(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // In a session of its own, output to FOLDER/scanner.log. kUnavailable: one runs already.
    base::Result<pid_t> start(const std::string& program,
                              const std::vector<std::string>& arguments) const;

    // The running one; nothing if none does. While it is just starting its number may not be there
    // yet: kUnavailable.
    base::Result<std::optional<pid_t>> find() const;

    // Asks it to end, or kills it and all of its session. Ended is seen by find().
    base::Result<void> signal(int number) const;

    // What it said last, for people; empty if nothing.
    std::string last_words() const;

  private:
    std::filesystem::path lock_file() const { return folder_ / "scanner.lock"; }
    std::filesystem::path pid_file() const { return folder_ / "scanner.pid"; }

    std::filesystem::path folder_;
};

}  // namespace vmsecurity::providers::local
