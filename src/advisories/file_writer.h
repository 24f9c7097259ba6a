#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "advisories/advisory.h"
#include "advisories/database.h"
#include "base/byte_writer.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// Collects advisories and lays them out as the advisory file (file_format.h). Everything is held in
// memory in its final, compact form: about as much as the file will have.
class FileWriter {
  public:
    // kLimitExceeded once the file would outgrow its 32-bit offsets.
    base::Result<void> add(const Advisory& advisory, std::size_t source);

    // The whole file. `info` gives created, tool and sources; ecosystems, advisories and file_size
    // are filled in. The same advisories in the same order give the same bytes.
    base::Result<std::string> finish(DatabaseInfo& info);

  private:
    struct Entry {
        std::uint32_t ecosystem;
        std::uint32_t package;
        std::uint32_t id;
        std::uint32_t affected;
        std::uint32_t advisory;
    };

    std::uint32_t text(std::string_view value);
    void texts(const std::vector<std::string>& values);
    std::string_view text_at(std::uint32_t offset) const;
    std::uint32_t write_affected(const AffectedPackage& affected);
    void sort_entries();
    void count_ecosystems(DatabaseInfo& info) const;
    struct Index;
    Index build_index() const;

    base::ByteWriter texts_;
    std::unordered_map<std::string, std::uint32_t> text_offsets_;
    base::ByteWriter records_;
    std::vector<Entry> entries_;
    std::uint64_t advisories_ = 0;
};

// Replaces `path` by `content`, or leaves it as it was: written beside, flushed, renamed.
base::Result<void> replace_file(const std::string& path, std::string_view content);

}  // namespace vmsecurity::advisories
