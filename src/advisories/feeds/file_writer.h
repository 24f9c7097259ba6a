#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisories/advisory.h"
#include "advisories/database.h"
#include "advisories/feeds/record_encoder.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// Collects advisories and lays them out as the advisory file (file_format.h). Everything is held in
// memory in its compact form: about twice what the file will have.
class FileWriter {
  public:
    // kLimitExceeded once the file would outgrow its 32-bit offsets.
    base::Result<void> add(const Advisory& advisory, std::size_t source);

    // The whole file. `info` gives created, tool and sources; ecosystems, advisories and file_size
    // are filled in. The same advisories in the same order give the same bytes. Called once.
    base::Result<std::string> finish(DatabaseInfo& info);

  private:
    // Offsets into the draft.
    struct Entry {
        std::uint32_t ecosystem;
        std::uint32_t package;
        std::uint32_t id;
        std::uint32_t affected;
        std::uint32_t advisory;
    };
    struct Sections;

    bool same_package(std::size_t i, std::size_t j) const;
    void sort_entries();
    void count_ecosystems(DatabaseInfo& info) const;
    base::Result<Sections> lay_out();

    RecordEncoder draft_;  // in the order of reading
    std::vector<Entry> entries_;
    std::uint64_t advisories_ = 0;
};

// Replaces `path` by `content`, or leaves it as it was: written beside, flushed, renamed.
base::Result<void> replace_file(const std::string& path, std::string_view content);

}  // namespace vmsecurity::advisories
