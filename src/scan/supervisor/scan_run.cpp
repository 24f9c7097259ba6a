#include "scan/supervisor/scan_run.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>
#include <string_view>
#include <tuple>

#include "base/log.h"
#include "base/text.h"

namespace vmsecurity::scan {
namespace {

using model::CoverageScope;
using model::CoverageState;

constexpr int kTickMilliseconds = 100;

double seconds(std::chrono::milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

std::string shown_path(std::string_view path) {
    return "/" + base::escape_bytes(path);
}

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

ScanRun::ScanRun(const ScanTarget& target, const std::vector<std::unique_ptr<Analyzer>>& analyzers,
                 const Options& options, int cancel, const ProgressListener& progress)
    : target_(target),
      analyzers_(analyzers),
      options_(options),
      cancel_(cancel),
      progress_(progress),
      pool_(options, *this),
      tallies_(analyzers.size()) {}

base::Result<FileSystemClient> ScanRun::start_file_system() {
    return FileSystemClient::start(target_, options_,
                                   options_.require_unchanged ? &watch_ : nullptr);
}

base::Result<Outcome> ScanRun::run() {
    started_ = last_advance_ = Clock::now();
    // The workers' programs load while the target is being opened.
    if (options_.require_unchanged) {
        VMSECURITY_TRY(watch_.add(target_.descriptor.get(), target_.name));
    }
    VMSECURITY_ASSIGN(file_system_, start_file_system());
    VMSECURITY_TRY(pool_.start());
    VMSECURITY_TRY(open_target(true));
    for (const auto& description : outcome_.target.volumes) {
        outcome_.volumes.push_back({description, {}, false});
    }
    walk_next_volume();
    VMSECURITY_TRY(loop());
    VMSECURITY_TRY(watch_.check());
    return finish();
}

base::Result<void> ScanRun::open_target(bool first) {
    const auto deadline = Clock::now() + options_.limits.stall_timeout;
    std::optional<base::Result<void>> result;
    while (!result) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        std::array<pollfd, 2> polled = {
            {{file_system_->descriptor(), POLLIN, 0}, {cancel_, POLLIN, 0}}};
        const int ready = left.count() <= 0 ? 0
                                            : ::poll(polled.data(), polled.size(),
                                                     static_cast<int>(left.count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0 || polled[1].revents != 0) {
            file_system_->kill();
            return ready > 0 ? base::fail(base::ErrorCode::kCancelled, "the scan was interrupted")
                             : base::fail(base::ErrorCode::kLimitExceeded,
                                          fmt::format("opening {} took longer than {} s "
                                                      "(--stall-timeout)",
                                                      target_.name,
                                                      seconds(options_.limits.stall_timeout)));
        }
        FileSystemClient::Event event = file_system_->next();
        std::visit(
            Overloaded{
                [&](protocol::OpenedTarget& opened) {
                    outcome_.target = std::move(opened);
                    result.emplace();
                },
                [&](protocol::CoverageReport& report) {
                    if (first) coverage_.add(report.entries);
                },
                [&](protocol::Failure& failure) { result = base::fail(std::move(failure.error)); },
                [&](FileSystemClient::Ended& ended) {
                    result = base::fail(base::ErrorCode::kCorrupt,
                                        "cannot open " + target_.name +
                                            ": the process that reads it " + ended.reason);
                },
                [](auto&) {},
            },
            event);
    }
    outcome_.confinement = file_system_->confinement();
    return *result;
}

void ScanRun::walk_next_volume() {
    while (next_volume_ < outcome_.volumes.size() && !stopped_) {
        const std::uint32_t volume = next_volume_++;
        if (!outcome_.volumes[volume].description.walkable) continue;
        protocol::WalkRequest request;
        request.volume = volume;
        for (std::size_t i = 0; i < analyzers_.size(); ++i) {
            for (const Want& want : analyzers_[i]->wants()) {
                request.wanted.push_back(
                    {want.pattern, {static_cast<std::uint32_t>(i), want.prefix_bytes}});
            }
        }
        request.excludes = options_.excludes;
        request.max_file_size = options_.limits.max_file_size;
        request.max_depth = options_.limits.max_depth;
        request.io_threads = options_.io_threads;
        request.credit = options_.limits.in_flight_bytes;
        walking_ = volume;
        current_ = {};
        last_advance_ = Clock::now();
        outstanding_credit_ = 0;
        // A worker that is gone or does not read is told from its channel next.
        if (auto asked = file_system_->walk(request);
            !asked && asked.error().code != base::ErrorCode::kUnavailable) {
            walk_failure_ = asked.error().describe();
            file_system_->kill();
        }
        return;
    }
}

base::Result<void> ScanRun::loop() {
    while (walking_ || !pool_.idle()) {
        VMSECURITY_TRY(wait_for_events());
        check_clocks();
        pool_.check_deadlines(Clock::now());
    }
    return {};
}

base::Result<void> ScanRun::wait_for_events() {
    std::vector<pollfd> polled = {{cancel_, POLLIN, 0},
                                  {file_system_ ? file_system_->descriptor() : -1, POLLIN, 0}};
    pool_.add_to(polled);
    if (::poll(polled.data(), polled.size(), kTickMilliseconds) < 0) {
        if (errno == EINTR) return {};
        return base::fail(base::system_error(errno, "cannot wait for worker processes"));
    }
    if (polled[0].revents != 0 && !stopped_) stop_early("the scan was interrupted");
    if (polled[1].revents != 0 && file_system_) handle_walk_event(file_system_->next());
    pool_.handle(polled);
    return {};
}

void ScanRun::handle_walk_event(FileSystemClient::Event event) {
    std::visit(Overloaded{
                   [&](FileSystemClient::BatchEvent& batch) { accept_batch(std::move(batch)); },
                   [&](protocol::Progress& progress) { accept_progress(progress); },
                   [&](protocol::CoverageReport& report) { accept_coverage(report); },
                   [&](protocol::WalkDone& done) {
                       if (!walking_) return;
                       current_ = std::move(done.totals);
                       outcome_.volumes[*walking_].root_links = std::move(done.root_links);
                       end_walk(true, {});
                   },
                   [&](protocol::Failure& failure) {
                       if (walking_) end_walk(false, base::escape_bytes(failure.error.describe()));
                   },
                   [&](FileSystemClient::Ended& ended) { lose_file_system_worker(ended.reason); },
                   [](auto&) {},
               },
               event);
}

void ScanRun::accept_batch(FileSystemClient::BatchEvent event) {
    const auto sane_entry = [&](const protocol::BatchEntry& entry) {
        return !entry.path.empty() &&
               std::ranges::all_of(entry.units, [&](const protocol::Unit& unit) {
                   return unit.analyzer < analyzers_.size();
               });
    };
    outstanding_credit_ += protocol::credit_for(event.batch);
    const bool sane = walking_ && event.batch.volume == *walking_ &&
                      outstanding_credit_ <= most_credit() &&
                      std::ranges::all_of(event.batch.entries, sane_entry);
    if (!sane) {
        lose_file_system_worker(file_system_->end("sent what cannot be and was ended").reason);
        return;
    }
    last_advance_ = Clock::now();
    pool_.submit(std::move(event.batch), std::move(event.contents));
}

// What an honest walk can have under way: its credit, or one file that is larger.
std::uint64_t ScanRun::most_credit() const {
    return options_.limits.in_flight_bytes + options_.limits.max_file_size + (1U << 20);
}

// A walk speaks of files alone; the rest of the coverage is this process's own.
void ScanRun::accept_coverage(const protocol::CoverageReport& report) {
    if (std::ranges::all_of(report.entries, [](const model::CoverageEntry& entry) {
            return entry.scope == CoverageScope::kFile;
        })) {
        coverage_.add(report.entries);
    } else {
        lose_file_system_worker(file_system_->end("sent what cannot be and was ended").reason);
    }
}

void ScanRun::accept_progress(const protocol::Progress& progress) {
    if (!walking_) return;
    // A walk that waits for the content workers does not stall by itself.
    if (progress.entries != current_.entries || progress.bytes_read != current_.bytes_read ||
        progress.directories != current_.directories || progress.waiting_for_credit) {
        last_advance_ = Clock::now();
    }
    current_ = progress;
    report_progress();
}

void ScanRun::end_walk(bool complete, const std::string& reason) {
    ScannedVolume& volume = outcome_.volumes[*walking_];
    const auto& description = volume.description;
    volume.walked = complete;
    if (description.name != "directory") {
        note(description.name == "disk" ? CoverageScope::kDisk : CoverageScope::kPartition,
             description.name, CoverageState::kScanned, {});
    }
    std::string remarks;
    for (const std::string& remark : description.notes) {
        remarks += (remarks.empty() ? "" : "; ") + remark;
    }
    note(CoverageScope::kFileSystem,
         description.name == "directory"
             ? description.file_system
             : fmt::format("{} ({})", description.name, description.file_system),
         complete ? CoverageState::kScanned : CoverageState::kFailed, complete ? remarks : reason,
         std::max<std::uint64_t>(current_.entries, 1));
    outcome_.statistics.directories += current_.directories;
    outcome_.statistics.entries += current_.entries;
    outcome_.statistics.files_read += current_.files_read;
    outcome_.statistics.bytes_read += current_.bytes_read;
    current_ = {};
    walking_.reset();
    walk_next_volume();
}

void ScanRun::lose_file_system_worker(const std::string& reason) {
    file_system_.reset();
    if (!walking_) return;
    const std::string path = current_.path;
    const std::string why = !walk_failure_.empty()
                                ? std::exchange(walk_failure_, {})
                                : fmt::format("the process that reads the file system {}{}", reason,
                                              path.empty() ? "" : " near " + shown_path(path));
    const bool more = std::any_of(outcome_.volumes.begin() + next_volume_, outcome_.volumes.end(),
                                  [](const ScannedVolume& v) { return v.description.walkable; });
    const std::uint32_t lost = *walking_;
    if (more && !stopped_) {
        // A fresh worker opens the target again for the volumes that are left.
        if (auto client = start_file_system()) {
            file_system_ = std::move(*client);
            const auto volumes = outcome_.target;
            if (!open_target(false) || outcome_.target.volumes != volumes.volumes)
                file_system_.reset();
            outcome_.target = volumes;
        }
        if (!file_system_) {
            for (; next_volume_ < outcome_.volumes.size(); ++next_volume_) {
                const auto& description = outcome_.volumes[next_volume_].description;
                if (description.walkable) {
                    note(CoverageScope::kFileSystem, description.name, CoverageState::kFailed,
                         "the target could not be opened again after a crash");
                }
            }
        }
    }
    walking_ = lost;
    end_walk(false, why);
}

void ScanRun::stop_early(const std::string& reason) {
    stopped_ = true;
    pool_.abandon(CoverageState::kTruncated, reason);
    if (file_system_) file_system_->kill();
    if (walking_) {
        const auto& name = outcome_.volumes[*walking_].description.name;
        note(CoverageScope::kFileSystem, name, CoverageState::kTruncated, reason,
             std::max<std::uint64_t>(current_.entries, 1));
        walking_.reset();
    }
    for (; next_volume_ < outcome_.volumes.size(); ++next_volume_) {
        const auto& description = outcome_.volumes[next_volume_].description;
        if (description.walkable) {
            note(CoverageScope::kFileSystem, description.name, CoverageState::kTruncated, reason);
        }
    }
    file_system_.reset();
}

void ScanRun::check_clocks() {
    const auto now = Clock::now();
    const Limits& limits = options_.limits;
    if (limits.scan_timeout.count() > 0 && now - started_ > limits.scan_timeout && !stopped_) {
        stop_early(fmt::format("the scan's time of {} s was used up (--timeout)",
                               seconds(limits.scan_timeout)));
    }
    if (walking_ && file_system_ && pool_.idle() && now - last_advance_ > limits.stall_timeout) {
        lose_file_system_worker(
            file_system_
                ->end(fmt::format("made no progress for {} s and was ended (--stall-timeout)",
                                  seconds(limits.stall_timeout)))
                .reason);
    }
}

void ScanRun::report_progress() {
    if (!progress_ || !walking_) return;
    ScanProgress progress;
    progress.volume = outcome_.volumes[*walking_].description.name;
    progress.so_far = outcome_.statistics;
    progress.so_far.directories += current_.directories;
    progress.so_far.entries += current_.entries;
    progress.so_far.files_read += current_.files_read;
    progress.so_far.bytes_read += current_.bytes_read;
    progress.pending_directories = current_.pending_directories;
    progress.pending_files = pool_.pending_units();
    for (const ScannedVolume& volume : outcome_.volumes) {
        progress.expected_entries += volume.description.files;
    }
    progress_(progress);
}

void ScanRun::note(CoverageScope scope, std::string name, CoverageState state, std::string reason,
                   std::uint64_t count) {
    coverage_.add({scope, std::move(name), state, std::move(reason), count});
}

void ScanRun::on_record(Record record) {
    record_bytes_ +=
        sizeof(Record) + record.path.size() + record.kind.size() + record.payload.size();
    if (record_bytes_ > options_.limits.record_bytes) {
        ++dropped_records_;
        return;
    }
    outcome_.records.push_back(std::move(record));
}

void ScanRun::on_unit_done(std::uint32_t analyzer) {
    ++tallies_[analyzer].done;
}

void ScanRun::on_unit_lost(std::uint32_t analyzer, std::string_view path, CoverageState state,
                           std::string reason) {
    ++tallies_[analyzer].lost;
    note(CoverageScope::kFile, shown_path(path), state,
         fmt::format("{}: {}", analyzers_[analyzer]->id(), reason));
}

void ScanRun::on_problem(std::uint32_t analyzer, std::string_view path, std::string reason) {
    ++tallies_[analyzer].problems;
    note(CoverageScope::kFile, shown_path(path), CoverageState::kTruncated,
         fmt::format("{}: {}", analyzers_[analyzer]->id(), reason));
}

void ScanRun::on_batch_done(const protocol::Batch& batch) {
    if (file_system_ && walking_ == batch.volume) {
        const std::uint64_t credit = protocol::credit_for(batch);
        outstanding_credit_ -= std::min(outstanding_credit_, credit);
        file_system_->give_back(credit);
    }
}

Outcome ScanRun::finish() {
    for (std::size_t i = 0; i < analyzers_.size(); ++i) {
        const AnalyzerTally& tally = tallies_[i];
        const std::uint64_t files = tally.done + tally.lost;
        const bool whole = tally.lost == 0 && tally.problems == 0;
        note(CoverageScope::kAnalyzer, std::string(analyzers_[i]->id()),
             whole ? CoverageState::kScanned : CoverageState::kTruncated,
             whole ? std::string()
                   : fmt::format("{} of {} files not analysed, {} in part", tally.lost, files,
                                 tally.problems),
             files);
    }
    if (dropped_records_ > 0) {
        note(CoverageScope::kAnalyzer, "records", CoverageState::kTruncated,
             fmt::format("{} records beyond the limit of {} were dropped", dropped_records_,
                         base::format_size(options_.limits.record_bytes)));
    }
    sort_records();
    outcome_.coverage = coverage_.take();
    if (!pool_.confinement().empty() && pool_.confinement() != outcome_.confinement) {
        outcome_.confinement += "; content workers: " + pool_.confinement();
    }
    return std::move(outcome_);
}

// By volume, path and analyzer; the records of one unit keep the order in which it gave them.
void ScanRun::sort_records() {
    std::vector<Record>& records = outcome_.records;
    std::vector<std::size_t> order(records.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) {
        const Record& record = records[i];
        return std::tuple(record.volume, std::string_view(record.path), record.analyzer, i);
    });
    std::vector<Record> sorted;
    sorted.reserve(records.size());
    for (const std::size_t i : order) sorted.push_back(std::move(records[i]));
    records = std::move(sorted);
}

base::Result<Outcome> run_scan(const ScanTarget& target,
                               const std::vector<std::unique_ptr<Analyzer>>& analyzers,
                               const Options& options, int cancel,
                               const ProgressListener& progress) {
    return ScanRun(target, analyzers, options, cancel, progress).run();
}

}  // namespace vmsecurity::scan
