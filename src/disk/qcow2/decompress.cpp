#include "disk/qcow2/decompress.h"

#include <zlib.h>
#include <zstd.h>

#include <memory>

namespace vmsecurity::disk::qcow2 {
namespace {

// A frame states how much history its decoder must keep. A cluster has at most 2^21 bytes; encoders
// that do not know the size beforehand state a little more. Beyond this it is an attack on memory.
constexpr int kMaxWindowLog = 23;

tl::unexpected<base::Error> corrupt(const char* cause) {
    return base::fail(base::ErrorCode::kCorrupt, "a compressed cluster cannot be unpacked", {},
                      cause);
}

base::Result<void> inflate_cluster(base::ByteSpan packed, base::MutableByteSpan out) {
    z_stream stream{};
    // Raw deflate without a header; QEMU writes windows of 2^12, the largest accepts all.
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        return base::fail(base::ErrorCode::kInternal, "cannot start zlib");
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, ::inflateEnd);
    // zlib's interface is older than const; the input is not written to.
    // NOLINTNEXTLINE(*-pro-type-const-cast)
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = ::inflate(&stream, Z_FINISH);
    if (status != Z_STREAM_END && status != Z_BUF_ERROR) {
        return corrupt(stream.msg != nullptr ? stream.msg : "zlib: bad data");
    }
    if (stream.avail_out != 0) return corrupt("zlib: the stream ends before the cluster does");
    return {};
}

struct FreeDecoder {
    void operator()(ZSTD_DCtx* decoder) const { ::ZSTD_freeDCtx(decoder); }
};

base::Result<void> unzstd_cluster(base::ByteSpan packed, base::MutableByteSpan out) {
    // A decoder is 150 KiB: one a thread, not one a cluster.
    static thread_local const std::unique_ptr<ZSTD_DCtx, FreeDecoder> decoder(::ZSTD_createDCtx());
    if (!decoder) return base::fail(base::ErrorCode::kInternal, "cannot start zstd");
    ::ZSTD_DCtx_reset(decoder.get(), ZSTD_reset_session_and_parameters);
    ::ZSTD_DCtx_setParameter(decoder.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    while (output.pos < output.size) {
        const std::size_t before = input.pos + output.pos;
        const std::size_t status = ::ZSTD_decompressStream(decoder.get(), &output, &input);
        if (::ZSTD_isError(status) != 0) return corrupt(::ZSTD_getErrorName(status));
        if (input.pos + output.pos == before) {
            return corrupt("zstd: the stream ends before the cluster does");
        }
    }
    return {};
}

}  // namespace

base::Result<void> decompress(Compression method, base::ByteSpan packed,
                              base::MutableByteSpan out) {
    return method == Compression::kZstd ? unzstd_cluster(packed, out)
                                        : inflate_cluster(packed, out);
}

}  // namespace vmsecurity::disk::qcow2
