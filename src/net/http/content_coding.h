#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

// Content codings (RFC 9110 §8.4): gzip (RFC 1952) and zstd (RFC 8878, windows of at most 8 MiB as
// RFC 9659 wants it, so that a decoder's memory is bounded).
namespace vmsecurity::net {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kZstd };

std::string_view to_string(ContentCoding coding);

// The value of Content-Encoding; none for a coding, or several, that are not understood.
std::optional<ContentCoding> parse_content_coding(std::string_view value);

// What an answer may be coded with by the value of Accept-Encoding (RFC 9110 §12.5.3): the one of
// greatest weight, zstd before gzip where they weigh the same; kIdentity where neither is wanted.
ContentCoding choose_content_coding(std::string_view accept_encoding);

// Whether text of this media type gets smaller at all.
bool is_compressible(std::string_view content_type);

struct CodingStep {
    std::size_t consumed = 0;
    std::size_t produced = 0;
};

class Decoder {
  public:
    virtual ~Decoder() = default;
    // Decodes from `in` to `out` until one of them is used up. kCorrupt: not of this coding.
    virtual base::Result<CodingStep> decode(std::string_view in, std::span<char> out) = 0;
    // Whether the input may end here.
    virtual bool is_complete() const = 0;
};
std::unique_ptr<Decoder> make_decoder(ContentCoding coding);  // null for kIdentity

class Encoder {
  public:
    virtual ~Encoder() = default;
    // Appends what has become ready to `out`; all of it, and the end mark, at the end.
    virtual void encode(std::string_view in, bool at_end, std::string& out) = 0;
};
std::unique_ptr<Encoder> make_encoder(ContentCoding coding);  // null for kIdentity

// The whole of `in`. kLimitExceeded: more than `limit` bytes; kCorrupt.
base::Result<std::string> decode_content(ContentCoding coding, std::string_view in,
                                         std::uint64_t limit);

}  // namespace vmsecurity::net
