#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "model/coverage.h"
#include "scan/analyzer.h"
#include "scan/options.h"
#include "scan/protocol/messages.h"

namespace vmsecurity::scan {

// What to scan, opened read only by the caller.
struct ScanTarget {
    protocol::TargetKind kind = protocol::TargetKind::kImage;
    std::string name;  // for messages
    base::FileDescriptor descriptor;
    base::FileDescriptor
        directory;  // where an image's backing files may lie: the image's own directory
};

struct ScannedVolume {
    protocol::VolumeDescription description;
    std::vector<protocol::RootLink> root_links;
    bool walked = false;  // to its end
};

struct Statistics {
    std::uint64_t directories = 0;
    std::uint64_t entries = 0;
    std::uint64_t files_read = 0;
    std::uint64_t bytes_read = 0;
};

struct Outcome {
    protocol::OpenedTarget target;
    std::vector<ScannedVolume> volumes;
    std::vector<Record> records;  // by volume, path and analyzer
    std::vector<model::CoverageEntry> coverage;
    Statistics statistics;
    std::string confinement;  // the layers that held the workers
};

struct ScanProgress {
    std::string volume;
    Statistics so_far;                   // of all volumes
    std::uint64_t expected_entries = 0;  // of all volumes; 0: unknown
    std::uint64_t pending_directories = 0;
    std::size_t pending_files = 0;  // read, not analysed yet
};

using ProgressListener = std::function<void(const ScanProgress&)>;

// Scans a target: starts the workers, lets them walk and analyse, replaces those that crash, hang
// or grow, and says what became of everything. This process parses nothing of the target. Fails
// only if the target cannot be opened or workers cannot be started. A readable `cancel` descriptor
// (-1: none) ends the scan early, with coverage saying so.
base::Result<Outcome> run_scan(const ScanTarget& target,
                               const std::vector<std::unique_ptr<Analyzer>>& analyzers,
                               const Options& options, int cancel,
                               const ProgressListener& progress);

}  // namespace vmsecurity::scan
