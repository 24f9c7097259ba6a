#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "advisories/advisory.h"
#include "base/byte_writer.h"
#include "base/bytes.h"

namespace vmsecurity::advisories {

// Writes the texts and records sections; RecordDecoder reads them. A text that comes again is
// written once. Answers are offsets into the section.
class RecordEncoder {
  public:
    std::uint32_t text(std::string_view value);
    std::uint32_t affected(const AffectedPackage& affected);  // without ecosystem and name
    std::uint32_t advisory(const Advisory& advisory, std::size_t source);  // without `affected`

    base::ByteSpan texts() const { return base::as_bytes(texts_.buffer()); }
    base::ByteSpan records() const { return base::as_bytes(records_.buffer()); }

  private:
    void rating(const Rating& rating);
    void text_list(const std::vector<std::string>& values);

    base::ByteWriter texts_;
    base::ByteWriter records_;
    std::unordered_map<std::string, std::uint32_t> offsets_;
};

}  // namespace vmsecurity::advisories
