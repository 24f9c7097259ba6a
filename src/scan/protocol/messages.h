#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "filesystem/file_system.h"
#include "model/coverage.h"
#include "scan/matching/want_matcher.h"

// What the supervisor and its workers say to each other. Each message is a struct with encode() and
// decode(); decoding checks every length and enumerator and fails on anything left over, because a
// worker that read hostile bytes may say anything.
namespace vmsecurity::scan::protocol {

enum class MessageType : std::uint32_t {
    // supervisor -> file-system worker
    kOpenTarget = 1,  // OpenTarget, with the target's descriptor
    kSiblingReply,    // SiblingReply, with a descriptor if it may be opened
    kWalk,            // WalkRequest
    kCredit,          // Credit
    // file-system worker -> supervisor
    kWorkerReady = 20,  // text: the layers of confinement (also from content workers)
    kWorkerFailed,      // text: why a worker gives up (also from content workers)
    kOpenSibling,       // text: the file's name
    kTargetOpened,      // OpenedTarget
    kTargetFailed,      // Failure
    kBatch,             // Batch, with the memory file of its contents
    kProgress,          // Progress
    kCoverage,          // CoverageReport
    kWalkDone,          // WalkDone
    kWalkFailed,        // Failure
    // supervisor -> content worker
    kJob = 40,  // Job, with the memory file
    // content worker -> supervisor
    kRecords = 60,  // RecordList
    kUnitDone,      // UnitDone
};

enum class TargetKind : std::uint8_t { kDirectory, kImage };

struct OpenTarget {
    TargetKind kind = TargetKind::kImage;
    std::string name;
    bool cross_mounts = false;
    std::uint64_t address_space = 0;  // bytes that the worker may map
    std::uint64_t batch_bytes = 0;    // of the largest memory file that it may write
};

struct Failure {
    base::Error error;
};

struct SiblingReply {
    bool opened = false;
    base::Error error;  // why not
};

// A file system, or a place where one could have been.
struct VolumeDescription {
    std::string name;                // "partition 2", "disk", "directory"
    std::string content;             // "ext", "LUKS (encrypted)", "directory"
    std::string file_system;         // "ext4"; empty if it was not opened
    std::string uuid;                // escaped
    std::string label;               // escaped
    std::uint64_t size = 0;          // bytes of the partition; 0 for a directory
    std::uint64_t files = 0;         // inodes in use, 0 if unknown
    std::vector<std::string> notes;  // remarks for coverage
    bool walkable = false;
    bool operator==(const VolumeDescription&) const = default;
};

struct OpenedTarget {
    std::string format;  // "raw", "qcow2", "directory"
    std::string scheme;  // "gpt", "mbr", "none"; empty for a directory
    std::uint64_t size = 0;
    std::vector<std::string> backing_chain;
    std::vector<VolumeDescription> volumes;
    std::vector<model::CoverageEntry> coverage;
};

struct WalkRequest {
    std::uint32_t volume = 0;
    std::vector<matching::WantedPattern> wanted;
    std::vector<std::string> excludes;
    std::uint64_t max_file_size = 0;
    std::uint32_t max_depth = 0;
    std::uint32_t io_threads = 0;
    std::uint64_t credit = 0;  // bytes of content that may be in flight
};

struct Credit {
    std::uint64_t bytes = 0;
};

// One analyzer's work on one file.
struct Unit {
    std::uint32_t analyzer = 0;
    std::uint64_t length = 0;  // bytes of the content that it gets
};

struct BatchEntry {
    std::string path;  // relative to the volume's root, raw bytes
    filesystem::FileStatus status;
    std::uint64_t offset = 0;  // in the memory file
    std::vector<Unit> units;
};

// Files whose contents lie one after another in a sealed memory file.
struct Batch {
    std::uint32_t volume = 0;
    std::uint64_t bytes = 0;  // size of the memory file
    std::vector<BatchEntry> entries;
};

// What a batch costs of the credit: its bytes, and never so little that a great many small batches
// could use up the supervisor's descriptors.
inline std::uint64_t credit_for(const Batch& batch) {
    constexpr std::uint64_t kLeast = 64 * 1024;
    return batch.bytes < kLeast ? kLeast : batch.bytes;
}

// The units of a batch, counted through its entries in order; `first_unit` skips those that were
// done before.
struct Job {
    std::uint64_t id = 0;
    std::uint32_t first_unit = 0;
    Batch batch;
};

struct Progress {
    std::uint64_t directories = 0;
    std::uint64_t entries = 0;
    std::uint64_t files_read = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t pending_directories = 0;
    bool waiting_for_credit = false;
    std::string path;  // a directory or file that is being read, for stalls
};

struct CoverageReport {
    std::vector<model::CoverageEntry> entries;
};

struct RootLink {
    std::string name;
    std::string target;
    bool operator==(const RootLink&) const = default;
};

struct WalkDone {
    Progress totals;
    std::vector<RootLink> root_links;
};

struct RecordList {
    struct Item {
        std::uint32_t unit = 0;
        bool problem = false;  // then payload is the reason
        std::string kind;
        std::string payload;
    };
    std::uint64_t job = 0;
    std::vector<Item> items;
};

struct UnitDone {
    std::uint64_t job = 0;
    std::uint32_t unit = 0;
    bool failed = false;
    base::Error error;
};

template <typename T>
std::string encode(const T& message);
template <typename T>
base::Result<T> decode(std::string_view payload);

// Number of units in all entries.
std::uint32_t unit_count(const Batch& batch);

}  // namespace vmsecurity::scan::protocol
