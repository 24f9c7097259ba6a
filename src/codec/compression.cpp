#include "codec/compression.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace vmsecurity::codec {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::size_t kBufferSize = 128UL << 10;
constexpr int kWindowLog = 27;

struct FreeCompressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using Compressor = std::unique_ptr<ZSTD_CCtx, FreeCompressor>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, FreeDecompressor>;

Compressor make_compressor(int level) {
    Compressor context(ZSTD_createCCtx());
    if (context) {
        ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    }
    return context;
}

Decompressor make_decompressor() {
    Decompressor context(ZSTD_createDCtx());
    if (context) ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kWindowLog);
    return context;
}

base::Error out_of_memory() {
    return {ErrorCode::kLimitExceeded, "Not enough memory for zstd.", {}, {}};
}

base::Error library_error(std::size_t status) {
    return {ErrorCode::kCorrupt, "The bytes are not a zstd stream.", {}, ZSTD_getErrorName(status)};
}

}  // namespace

base::Result<std::string> compress_zstd(std::string_view bytes, int level) {
    const Compressor context = make_compressor(level);
    if (!context) return fail(out_of_memory());
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    const std::size_t size =
        ZSTD_compress2(context.get(), out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size)) {
        return fail(ErrorCode::kInternal, "zstd could not compress.", {}, ZSTD_getErrorName(size));
    }
    out.resize(size);
    return out;
}

base::Result<std::string> decompress_zstd(std::string_view bytes, std::size_t max_size) {
    const Decompressor context = make_decompressor();
    if (!context) return fail(out_of_memory());
    std::string out;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t hint = 0;
    // A frame that states its size is made in one go; that number is not to be believed further.
    const unsigned long long stated = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    const bool known = stated != ZSTD_CONTENTSIZE_UNKNOWN && stated != ZSTD_CONTENTSIZE_ERROR;
    if (known && stated > max_size) {
        return fail(ErrorCode::kLimitExceeded, "The unpacked data is larger than allowed.");
    }
    if (known) out.reserve(std::min<std::size_t>(static_cast<std::size_t>(stated), 64UL << 20));
    std::string buffer(std::max<std::size_t>(ZSTD_DStreamOutSize(), 1), '\0');
    while (in.pos < in.size || hint != 0) {
        ZSTD_outBuffer piece{buffer.data(), buffer.size(), 0};
        const std::size_t before = in.pos;
        hint = ZSTD_decompressStream(context.get(), &piece, &in);
        if (ZSTD_isError(hint)) return fail(library_error(hint));
        if (piece.pos > max_size - out.size()) {
            return fail(ErrorCode::kLimitExceeded, "The unpacked data is larger than allowed.");
        }
        out.append(buffer.data(), piece.pos);
        if (piece.pos == 0 && in.pos == before) break;
    }
    if (hint != 0) return fail(ErrorCode::kTruncated, "The zstd stream ends too early.");
    return out;
}

struct ZstdWriter::State {
    Sink sink;
    Compressor context;
    std::vector<char> buffer = std::vector<char>(kBufferSize);

    base::Result<void> push(std::string_view bytes, ZSTD_EndDirective directive) {
        if (!context) return fail(out_of_memory());
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        for (;;) {
            ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
            const std::size_t left = ZSTD_compressStream2(context.get(), &out, &in, directive);
            if (ZSTD_isError(left)) {
                return fail(ErrorCode::kInternal, "zstd could not compress.", {},
                            ZSTD_getErrorName(left));
            }
            if (out.pos > 0) VMSECURITY_TRY(sink({buffer.data(), out.pos}));
            if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) return {};
        }
    }
};

ZstdWriter::ZstdWriter(Sink sink, int level)
    : state_(std::make_unique<State>(State{std::move(sink), make_compressor(level)})) {}
ZstdWriter::~ZstdWriter() = default;

base::Result<void> ZstdWriter::write(std::string_view bytes) {
    return state_->push(bytes, ZSTD_e_continue);
}

base::Result<void> ZstdWriter::finish() {
    return state_->push({}, ZSTD_e_end);
}

struct ZstdReader::State {
    Source source;
    Decompressor context;
    std::vector<char> buffer = std::vector<char>(kBufferSize);
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t hint = 0;  // 0: between two frames
};

ZstdReader::ZstdReader(Source source)
    : state_(std::make_unique<State>(State{std::move(source), make_decompressor()})) {}
ZstdReader::~ZstdReader() = default;

base::Result<std::size_t> ZstdReader::read(char* buffer, std::size_t size) {
    State& state = *state_;
    if (!state.context) return fail(out_of_memory());
    if (size == 0) return std::size_t{0};
    bool at_end = false;
    for (;;) {
        if (state.begin == state.end && !at_end) {
            VMSECURITY_ASSIGN(state.end, state.source(state.buffer.data(), state.buffer.size()));
            state.begin = 0;
            at_end = state.end == 0;
        }
        if (at_end && state.hint == 0) return std::size_t{0};
        ZSTD_inBuffer in{state.buffer.data(), state.end, state.begin};
        ZSTD_outBuffer out{buffer, size, 0};
        const std::size_t hint = ZSTD_decompressStream(state.context.get(), &out, &in);
        if (ZSTD_isError(hint)) return fail(library_error(hint));
        state.hint = hint;
        state.begin = in.pos;
        if (out.pos > 0) return out.pos;
        if (at_end) return fail(ErrorCode::kTruncated, "The zstd stream ends too early.");
    }
}

}  // namespace vmsecurity::codec
