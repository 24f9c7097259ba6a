#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "advisoryserver/advisory_file.h"
#include "advisoryserver/child.h"
#include "advisoryserver/data_directory.h"
#include "advisoryserver/options.h"
#include "base/result.h"

namespace vmsecurity::advisoryserver {

// Where the building stands, at one moment.
struct BuildState {
    std::shared_ptr<const AdvisoryFile> file;  // null: none yet
    bool building = false;
    std::uint64_t succeeded = 0;  // builds since the start
    std::uint64_t failed = 0;
    std::optional<std::chrono::sys_seconds> last_success;  // since the start
    std::string error;  // of the last build; empty if it succeeded
    std::optional<std::chrono::sys_seconds> next;
};

// When the build after one at `last` is due. After failures it is tried again soon, at longer and
// longer distances, but never later than the schedule says. Nothing: the schedule has no more.
std::optional<std::chrono::sys_seconds> next_build(const Options& options,
                                                   std::chrono::sys_seconds last,
                                                   unsigned failures);

// Builds the file on its schedule, in one thread. A build that fails leaves the file as it was.
class Builder {
  public:
    explicit Builder(Options options) : options_(std::move(options)) {}
    ~Builder() { stop(); }
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    // Opens the file of an earlier run, if there is one that is sound.
    base::Result<void> start();
    void stop();  // ends a build that runs

    BuildState state() const;

  private:
    void run();
    bool wait_until_due();  // false: stopping
    void build();
    base::Result<std::shared_ptr<const AdvisoryFile>> build_file() const;

    Options options_;
    std::optional<DataDirectory> directory_;
    StopEvent stop_;
    mutable std::mutex mutex_;
    std::condition_variable condition_;
    BuildState state_;
    bool stopping_ = false;
    unsigned failures_ = 0;  // in a row
    std::thread thread_;
};

}  // namespace vmsecurity::advisoryserver
