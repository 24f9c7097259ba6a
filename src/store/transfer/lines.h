#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/sha256.h"
#include "codec/compression.h"

namespace vmsecurity::store::transfer {

// Lines into zstd, with the hash of what went before.
class LineWriter {
  public:
    explicit LineWriter(codec::ZstdWriter::Sink sink) : zstd_(std::move(sink)) {}

    // `line`: without its end.
    base::Result<void> write(std::string line);
    // What finish() puts into the last line; nothing may be written between.
    std::string hash() { return hash_.finish_hex(); }
    base::Result<void> finish(std::string last_line);

  private:
    base::Sha256 hash_;
    codec::ZstdWriter zstd_;
};

// The lines of a file, one at a time.
class LineReader {
  public:
    explicit LineReader(codec::ZstdReader::Source source) : zstd_(std::move(source)) {}

    // Without its end; good until the next call. Nothing: the end of the file. kTruncated: a line
    // without an end; kLimitExceeded: one of more than kMaxLine bytes.
    base::Result<std::optional<std::string_view>> next();
    std::uint64_t number() const { return number_; }  // of the line last read, from 1
    // The line last read counts among what the hash is of.
    void count_in() { hash_.update({buffer_.data() + begin_, end_ - begin_}); }
    std::string hash() { return hash_.finish_hex(); }

    // Results of an asset scan are at most 64 MiB as they are stored, a third more in base64.
    static constexpr std::size_t kMaxLine = std::size_t{256} << 20;

  private:
    base::Result<bool> fill();

    codec::ZstdReader zstd_;
    base::Sha256 hash_;
    std::string buffer_;
    std::size_t begin_ = 0;  // of the line last read, and where the next one begins
    std::size_t end_ = 0;
    std::uint64_t number_ = 0;
};

}  // namespace vmsecurity::store::transfer
