#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "sandbox/worker_process.h"
#include "scan/options.h"
#include "scan/protocol/messages.h"
#include "scan/supervisor/file_watch.h"
#include "scan/supervisor/scan.h"

namespace vmsecurity::scan {

// The supervisor's side of the file-system worker: starts it, hands it the target and the backing
// files that it may have, and turns its messages into events.
class FileSystemClient {
  public:
    // `target` and `watch` must outlive the client. `watch`, unless null, is told of the backing
    // files that the worker gets; one that it refuses is not handed out.
    static base::Result<FileSystemClient> start(const ScanTarget& target, const Options& options,
                                                FileWatch* watch);

    struct BatchEvent {
        protocol::Batch batch;
        base::FileDescriptor contents;
    };
    struct Ended {
        std::string reason;  // "was ended by signal 11 (...)"
    };
    struct Nothing {};
    using Event =
        std::variant<Nothing, protocol::OpenedTarget, protocol::Failure, BatchEvent,
                     protocol::Progress, protocol::CoverageReport, protocol::WalkDone, Ended>;
    // Receives one message; blocks unless descriptor() is readable. A malformed message ends the
    // worker.
    Event next();

    base::Result<void> walk(const protocol::WalkRequest& request);
    void give_back(std::uint64_t bytes);
    void kill() { process_.kill(); }
    // Ends the worker and says so in the words for coverage.
    Ended end(std::string reason);
    int descriptor() const { return process_.channel().descriptor(); }
    const std::string& confinement() const { return confinement_; }

  private:
    FileSystemClient(const ScanTarget& target, FileWatch* watch, sandbox::WorkerProcess process);
    std::optional<Event> translate(sandbox::Message message);
    void answer_sibling(const std::string& name);

    const ScanTarget* target_;
    FileWatch* watch_;
    sandbox::WorkerProcess process_;
    std::string confinement_;
    std::string failure_;  // what the worker said before it gave up
    unsigned siblings_ = 0;
};

}  // namespace vmsecurity::scan
