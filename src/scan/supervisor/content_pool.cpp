#include "scan/supervisor/content_pool.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "scan/coverage_state.h"
#include "scan/protocol/roles.h"
#include "scan/protocol/transport.h"

namespace vmsecurity::scan {
namespace {

using model::CoverageState;
using protocol::MessageType;

// More deaths in a row than this, with nothing done between them, are no matter of single files.
constexpr std::uint32_t kMaxBarrenDeaths = 16;

}  // namespace

ContentPool::ContentPool(const Options& options, PoolListener& listener)
    : options_(options), listener_(listener) {}

base::Result<void> ContentPool::start() {
    for (std::uint32_t i = 0; i < std::max(1U, options_.content_workers); ++i) {
        VMSECURITY_ASSIGN(auto worker, start_worker());
        workers_.push_back(std::move(worker));
    }
    return {};
}

base::Result<ContentPool::Worker> ContentPool::start_worker() const {
    VMSECURITY_ASSIGN(auto process,
                      sandbox::WorkerProcess::start(options_.worker_program,
                                                    {std::string(protocol::kContentWorkerRole)}));
    // A worker that dies at once is noticed when its channel is read.
    (void)protocol::send(process.channel(), MessageType::kCredit,
                         protocol::Credit{options_.limits.worker_memory});
    return Worker{std::move(process), std::nullopt, {}};
}

void ContentPool::submit(protocol::Batch batch, base::FileDescriptor contents) {
    Assignment assignment;
    assignment.units = protocol::unit_count(batch);
    assignment.job.batch = std::move(batch);
    assignment.contents = std::make_shared<base::FileDescriptor>(std::move(contents));
    queue_.push_back(std::move(assignment));
    dispatch();
    abandon_if_broken();
}

bool ContentPool::idle() const {
    return queue_.empty() &&
           std::ranges::none_of(workers_, [](const Worker& w) { return w.assignment.has_value(); });
}

std::size_t ContentPool::pending_units() const {
    std::size_t count = 0;
    for (const Assignment& waiting : queue_) count += waiting.units - waiting.next_unit;
    for (const Worker& worker : workers_) {
        if (worker.assignment) count += worker.assignment->units - worker.assignment->next_unit;
    }
    return count;
}

void ContentPool::dispatch() {
    for (Worker& worker : workers_) {
        if (worker.assignment || queue_.empty()) continue;
        worker.assignment = std::move(queue_.front());
        queue_.pop_front();
        Assignment& assignment = *worker.assignment;
        assignment.job.id = next_job_++;
        assignment.job.first_unit = assignment.next_unit;
        assignment.deadline = Clock::now() + options_.limits.file_timeout;
        if (assignment.next_unit >= assignment.units) {
            finish(worker);
            continue;
        }
        // If the worker is gone or does not read, its channel's end will tell, and its work goes to
        // the next one.
        if (!protocol::send(worker.process.channel(), MessageType::kJob, assignment.job,
                            {assignment.contents->get()}, sandbox::Channel::Mode::kNow)) {
            worker.process.kill();
        }
    }
}

void ContentPool::add_to(std::vector<pollfd>& polled) const {
    for (const Worker& worker : workers_) {
        polled.push_back({worker.process.channel().descriptor(), POLLIN, 0});
    }
}

void ContentPool::handle(const std::vector<pollfd>& polled) {
    for (Worker& worker : workers_) {
        const auto mine =
            std::ranges::find(polled, worker.process.channel().descriptor(), &pollfd::fd);
        if (mine != polled.end() && mine->revents != 0) receive(worker);
    }
    dispatch();
    abandon_if_broken();
}

void ContentPool::check_deadlines(Clock::time_point now) {
    for (Worker& worker : workers_) {
        if (!worker.assignment || now < worker.assignment->deadline) continue;
        worker.process.kill();
        replace(worker,
                fmt::format("took longer than {} s (--file-timeout)",
                            std::chrono::duration<double>(options_.limits.file_timeout).count()));
    }
    dispatch();
    abandon_if_broken();
}

void ContentPool::receive(Worker& worker) {
    auto message = worker.process.channel().receive();
    if (message && *message && accept(worker, **message)) return;
    if (message && !*message) {
        replace(worker, {});
        return;
    }
    worker.process.kill();
    replace(worker, "sent a malformed answer and was ended");
}

bool ContentPool::accept(Worker& worker, const sandbox::Message& message) {
    switch (protocol::type_of(message)) {
        case MessageType::kWorkerReady:
            confinement_ = base::escape_bytes(message.payload);
            return true;
        case MessageType::kWorkerFailed:
            worker.failure = "gave up: " + base::printable(message.payload);
            return true;
        case MessageType::kRecords: {
            auto list = protocol::decode<protocol::RecordList>(message.payload);
            return list && worker.assignment &&
                   accept_records(*worker.assignment, std::move(*list));
        }
        case MessageType::kUnitDone: {
            const auto done = protocol::decode<protocol::UnitDone>(message.payload);
            return done && worker.assignment && accept_done(worker, *done);
        }
        default:
            return false;
    }
}

bool ContentPool::accept_records(Assignment& assignment, protocol::RecordList list) {
    if (list.job != assignment.job.id) return false;
    for (protocol::RecordList::Item& item : list.items) {
        if (item.unit != assignment.next_unit) return false;
        const UnitPlace unit = place(assignment.job.batch, item.unit);
        if (item.problem) {
            listener_.on_problem(unit.analyzer, unit.entry.path, base::escape_bytes(item.payload));
            continue;
        }
        listener_.on_record({assignment.job.batch.volume, unit.analyzer, unit.entry.path,
                             std::move(item.kind), std::move(item.payload)});
    }
    return true;
}

bool ContentPool::accept_done(Worker& worker, const protocol::UnitDone& done) {
    Assignment& assignment = *worker.assignment;
    if (done.job != assignment.job.id || done.unit != assignment.next_unit) return false;
    const UnitPlace unit = place(assignment.job.batch, done.unit);
    barren_deaths_ = 0;
    if (done.failed) {
        listener_.on_unit_lost(unit.analyzer, unit.entry.path, coverage_state(done.error),
                               base::escape_bytes(done.error.describe()));
    } else {
        listener_.on_unit_done(unit.analyzer);
    }
    assignment.deadline = Clock::now() + options_.limits.file_timeout;
    if (++assignment.next_unit == assignment.units) finish(worker);
    return true;
}

void ContentPool::finish(Worker& worker) {
    listener_.on_batch_done(worker.assignment->job.batch);
    worker.assignment.reset();
}

void ContentPool::replace(Worker& worker, const std::string& why) {
    const sandbox::WorkerExit exit = worker.process.wait();
    std::string reason = why.empty() ? worker.failure : why;
    if (reason.empty()) reason = exit.describe();
    reason.insert(0, "the analyzer's worker ");
    base::log::info("content worker replaced: {}", reason);
    if (worker.assignment) {
        // The file's fault, as far as anybody can tell.
        barren_deaths_ = 0;
        Assignment rest = std::move(*worker.assignment);
        worker.assignment.reset();
        const UnitPlace unit = place(rest.job.batch, rest.next_unit);
        listener_.on_unit_lost(unit.analyzer, unit.entry.path, CoverageState::kFailed, reason);
        ++rest.next_unit;
        queue_.push_front(std::move(rest));
    } else if (++barren_deaths_ > kMaxBarrenDeaths) {
        broken_ = "content workers keep dying before they get any work: " + reason;
        return;
    }
    auto next = start_worker();
    if (next) {
        worker = std::move(*next);
    } else {
        broken_ = next.error().describe();
    }
}

void ContentPool::abandon_if_broken() {
    if (!broken_.empty()) abandon(CoverageState::kFailed, broken_);
}

void ContentPool::abandon(CoverageState state, const std::string& reason) {
    for (Worker& worker : workers_) {
        if (!worker.assignment) continue;
        worker.process.kill();
        queue_.push_back(std::move(*worker.assignment));
        worker.assignment.reset();
    }
    workers_.clear();
    for (const Assignment& waiting : queue_) {
        for (std::uint32_t unit = waiting.next_unit; unit < waiting.units; ++unit) {
            const UnitPlace lost = place(waiting.job.batch, unit);
            listener_.on_unit_lost(lost.analyzer, lost.entry.path, state, reason);
        }
    }
    queue_.clear();
}

ContentPool::UnitPlace ContentPool::place(const protocol::Batch& batch, std::uint32_t unit) {
    std::size_t rest = unit;
    for (const protocol::BatchEntry& entry : batch.entries) {
        if (rest < entry.units.size()) return {entry, entry.units[rest].analyzer};
        rest -= entry.units.size();
    }
    // Units are counted from the same batch, so there is no such place.
    std::terminate();
}

}  // namespace vmsecurity::scan
