#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scan/coverage_ledger.h"
#include "scan/supervisor/content_pool.h"
#include "scan/supervisor/file_system_client.h"
#include "scan/supervisor/file_watch.h"
#include "scan/supervisor/scan.h"

namespace vmsecurity::scan {

// One scan from start to end: the event loop between the file-system worker and the content
// workers. Single-threaded.
class ScanRun final : PoolListener {
  public:
    ScanRun(const ScanTarget& target, const std::vector<std::unique_ptr<Analyzer>>& analyzers,
            const Options& options, int cancel, const ProgressListener& progress);

    base::Result<Outcome> run();

  private:
    void on_record(Record record) override;
    void on_unit_done(std::uint32_t analyzer) override;
    void on_unit_lost(std::uint32_t analyzer, std::string_view path, model::CoverageState state,
                      std::string reason) override;
    void on_problem(std::uint32_t analyzer, std::string_view path, std::string reason) override;
    void on_batch_done(const protocol::Batch& batch) override;

    base::Result<FileSystemClient> start_file_system();
    base::Result<void> open_target(bool first);
    base::Result<void> loop();
    base::Result<void> wait_for_events();
    void walk_next_volume();
    void handle_walk_event(FileSystemClient::Event event);
    void accept_batch(FileSystemClient::BatchEvent event);
    void accept_coverage(const protocol::CoverageReport& report);
    std::uint64_t most_credit() const;
    void accept_progress(const protocol::Progress& progress);
    void end_walk(bool complete, const std::string& reason);
    void lose_file_system_worker(const std::string& reason);
    void stop_early(const std::string& reason);
    void check_clocks();
    void report_progress();
    void note(model::CoverageScope scope, std::string name, model::CoverageState state,
              std::string reason, std::uint64_t count = 1);
    void sort_records();
    Outcome finish();

    const ScanTarget& target_;
    const std::vector<std::unique_ptr<Analyzer>>& analyzers_;
    const Options& options_;
    int cancel_;
    const ProgressListener& progress_;

    FileWatch watch_;  // of the image, if it must not change
    std::optional<FileSystemClient> file_system_;
    ContentPool pool_;
    CoverageLedger coverage_;
    Outcome outcome_;

    std::optional<std::uint32_t> walking_;  // the volume that is being walked
    std::uint32_t next_volume_ = 0;
    protocol::Progress current_;  // of the running walk
    Clock::time_point started_;
    Clock::time_point last_advance_;        // when current_ last changed
    std::uint64_t outstanding_credit_ = 0;  // of batches that are not done, in the running walk
    std::string walk_failure_;              // why a walk could not be asked for
    bool stopped_ = false;

    struct AnalyzerTally {
        std::uint64_t done = 0;
        std::uint64_t lost = 0;
        std::uint64_t problems = 0;
    };
    std::vector<AnalyzerTally> tallies_;
    std::uint64_t record_bytes_ = 0;
    std::uint64_t dropped_records_ = 0;
};

}  // namespace vmsecurity::scan
