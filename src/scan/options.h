#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace vmsecurity::scan {

// What bounds a scan. Reaching one is said in coverage, never silent.
struct Limits {
    std::uint64_t max_file_size =
        64ULL << 20;  // bytes; a larger file that an analyzer wants whole is not analysed
    std::uint32_t max_depth = 256;                    // directories below the root
    std::chrono::milliseconds file_timeout{30'000};   // one analyzer on one file
    std::chrono::milliseconds stall_timeout{60'000};  // the file-system worker without any progress
    std::chrono::milliseconds scan_timeout{0};        // all of it; 0: none
    std::uint64_t worker_memory = 1ULL << 30;         // address space of a content worker, bytes
    std::uint64_t reader_memory = 4ULL << 30;  // address space of the file-system worker, bytes
    std::uint64_t record_bytes = 96ULL << 20;  // all that analyzers may report
    std::uint64_t in_flight_bytes =
        16ULL << 20;  // file contents between the walk and the content workers
};

struct Options {
    Limits limits;
    std::vector<std::string>
        excludes;  // globs (matching/glob.h); what they match is not entered nor read
    std::uint32_t io_threads = 8;
    std::uint32_t content_workers = 2;
    bool cross_mounts = false;       // directories: enter other file systems mounted below
    bool require_unchanged = false;  // images: one that changes meanwhile fails the scan
    std::string worker_program;      // path of vmsecurity-worker, or what answers to its roles
};

}  // namespace vmsecurity::scan
