#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "model/coverage.h"
#include "sandbox/worker_process.h"
#include "scan/analyzer.h"
#include "scan/options.h"
#include "scan/protocol/messages.h"

namespace vmsecurity::scan {

using Clock = std::chrono::steady_clock;

// What the pool tells its owner.
class PoolListener {
  public:
    virtual ~PoolListener() = default;
    virtual void on_record(Record record) = 0;
    virtual void on_unit_done(std::uint32_t analyzer) = 0;
    // One analyzer did not (fully) analyse one file.
    virtual void on_unit_lost(std::uint32_t analyzer, std::string_view path,
                              model::CoverageState state, std::string reason) = 0;
    virtual void on_problem(std::uint32_t analyzer, std::string_view path, std::string reason) = 0;
    virtual void on_batch_done(const protocol::Batch& batch) = 0;
};

// The content workers and the batches that wait for them. A worker that dies or hangs loses the one
// unit it was at; the rest of its batch goes to the next worker.
class ContentPool {
  public:
    ContentPool(const Options& options, PoolListener& listener);

    base::Result<void> start();
    void submit(protocol::Batch batch, base::FileDescriptor contents);
    bool idle() const;
    std::size_t pending_units() const;

    void add_to(std::vector<pollfd>& polled) const;
    // Handles what the polled descriptors announce.
    void handle(const std::vector<pollfd>& polled);
    // Ends workers whose file takes too long.
    void check_deadlines(Clock::time_point now);

    // Gives up everything unfinished, with this reason.
    void abandon(model::CoverageState state, const std::string& reason);

    const std::string& confinement() const { return confinement_; }

  private:
    struct Assignment {
        protocol::Job job;
        std::shared_ptr<base::FileDescriptor> contents;
        std::uint32_t units = 0;      // in the whole batch
        std::uint32_t next_unit = 0;  // the one being worked at
        Clock::time_point deadline;
    };
    struct Worker {
        sandbox::WorkerProcess process;
        std::optional<Assignment> assignment;
        std::string failure;  // what it said before it gave up
    };
    struct UnitPlace {
        const protocol::BatchEntry& entry;
        std::uint32_t analyzer;
    };

    base::Result<Worker> start_worker() const;
    void dispatch();
    void receive(Worker& worker);
    bool accept(Worker& worker, const sandbox::Message& message);
    bool accept_records(Assignment& assignment, protocol::RecordList list);
    bool accept_done(Worker& worker, const protocol::UnitDone& done);
    void replace(Worker& worker, const std::string& why);
    void abandon_if_broken();
    void finish(Worker& worker);
    static UnitPlace place(const protocol::Batch& batch, std::uint32_t unit);

    const Options& options_;
    PoolListener& listener_;
    std::vector<Worker> workers_;
    std::deque<Assignment> queue_;
    std::uint64_t next_job_ = 1;
    std::uint32_t barren_deaths_ = 0;  // workers that died in a row without having had work
    std::string broken_;               // why there can be no more workers; empty: there can
    std::string confinement_;
};

}  // namespace vmsecurity::scan
