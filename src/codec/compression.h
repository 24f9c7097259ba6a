#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

// zstd (RFC 8878): of byte strings in memory, and of streams.
namespace vmsecurity::codec {

inline constexpr int kZstdLevel = 3;

base::Result<std::string> compress_zstd(std::string_view bytes, int level = kZstdLevel);

// All frames of `bytes`. kLimitExceeded before more than `max_size` bytes are made; kCorrupt,
// kTruncated.
base::Result<std::string> decompress_zstd(std::string_view bytes, std::size_t max_size);

// Takes plain bytes in pieces of any size and hands compressed ones to `sink`, whose error is the
// answer of the call that met it. A stream without finish() is truncated.
class ZstdWriter {
  public:
    using Sink = std::function<base::Result<void>(std::string_view bytes)>;

    explicit ZstdWriter(Sink sink, int level = kZstdLevel);
    ~ZstdWriter();
    ZstdWriter(const ZstdWriter&) = delete;
    ZstdWriter& operator=(const ZstdWriter&) = delete;

    base::Result<void> write(std::string_view bytes);
    base::Result<void> finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Reads compressed bytes from `source` (at most `size` of them into `buffer`; 0: the end) and gives
// plain ones. A hostile stream costs a window of at most 128 MiB.
class ZstdReader {
  public:
    using Source = std::function<base::Result<std::size_t>(char* buffer, std::size_t size)>;

    explicit ZstdReader(Source source);
    ~ZstdReader();
    ZstdReader(const ZstdReader&) = delete;
    ZstdReader& operator=(const ZstdReader&) = delete;

    // At least one byte, at most `size`; 0: the end. kCorrupt, kTruncated, and the source's errors.
    base::Result<std::size_t> read(char* buffer, std::size_t size);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vmsecurity::codec
