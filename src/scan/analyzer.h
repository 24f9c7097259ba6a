#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "filesystem/file_system.h"

namespace vmsecurity::scan {

// Which files an analyzer asks for. The walk runs in another process than the analyzer, so a want
// is plain data.
struct Want {
    // Relative to the root, no leading '/'. Either an exact path ("var/lib/dpkg/status"), which is
    // looked up with links followed inside the root, or a glob over the walk: "*" stands for any
    // run of bytes within one name, a leading "**/" for any directories ("**/*.dist-info/METADATA",
    // "var/lib/dpkg/info/*.list").
    std::string pattern;
    // Give only the first so many bytes; 0: the whole file (bounded by the scan's file-size limit,
    // beyond which the file is reported as truncated and not analysed).
    std::uint64_t prefix_bytes = 0;
};

// One file as an analyzer gets it.
struct File {
    std::string_view path;  // as wanted: relative to the root, raw bytes
    filesystem::FileStatus status;
    base::ByteSpan content;  // the whole file, or its first prefix_bytes
};

// Takes what an analyzer found in one file. Kinds and payloads belong to the family; the engine
// only carries them.
class Sink {
  public:
    virtual ~Sink() = default;
    // A record of at most kMaxRecordSize bytes; a larger one is a problem of the file.
    virtual void emit(std::string_view kind, std::string_view payload) = 0;
    // Part of the file could not be understood; the rest was. `reason` goes into coverage.
    virtual void problem(std::string_view reason) = 0;

    static constexpr std::size_t kMaxRecordSize = 48 * 1024;
};

// Looks into single files. Runs in a content worker that has no file system, network or secrets;
// must not keep state between files and may be killed at any time.
class Analyzer {
  public:
    virtual ~Analyzer() = default;
    virtual std::string_view id() const = 0;  // "sbom/dpkg"
    virtual std::vector<Want> wants() const = 0;
    // An Error means that the file as a whole was not analysed.
    virtual base::Result<void> analyze(const File& file, Sink& sink) const = 0;
};

// What came out of the walk, in the supervisor.
struct Record {
    std::uint32_t volume = 0;    // index into the outcome's volumes
    std::uint32_t analyzer = 0;  // index into the analyzers of the scan
    std::string path;            // the file's
    std::string kind;
    std::string payload;
};

}  // namespace vmsecurity::scan
