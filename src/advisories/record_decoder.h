#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "advisories/advisory.h"
#include "base/byte_reader.h"
#include "base/bytes.h"

namespace vmsecurity::advisories {

// Decodes the records of an advisory file. Offsets may be anything: the first one that leads out of
// its section, or decoding more than `budget` bytes in all, sets failed(), and everything decoded
// afterwards is empty.
class RecordDecoder {
  public:
    RecordDecoder(base::ByteSpan texts, base::ByteSpan records, std::size_t budget)
        : texts_(texts), records_(records), budget_(budget) {}

    std::string_view text(std::uint32_t offset);
    AffectedPackage affected(std::uint32_t offset);
    // Without `affected`. `source` is not checked against the number of sources.
    Advisory advisory(std::uint32_t offset, std::size_t& source);
    bool failed() const { return failed_; }

  private:
    base::ByteReader record_at(std::uint32_t offset);
    std::string text_of(base::ByteReader& in);
    Rating rating_of(base::ByteReader& in);
    std::vector<std::string> texts_of(base::ByteReader& in);
    // Takes `size` bytes off the budget. Overlapping records could otherwise make a small file
    // decode into any amount of memory.
    bool spend(std::size_t size);

    base::ByteSpan texts_;
    base::ByteSpan records_;
    std::size_t budget_;
    bool failed_ = false;
};

}  // namespace vmsecurity::advisories
