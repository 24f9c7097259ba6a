#include <zstd.h>

#include <algorithm>
#include <new>

#include "net/http/coders.h"

namespace vmsecurity::net {
namespace {

constexpr int kWindowLog = 23;  // 8 MiB
constexpr int kLevel = 1;       // answers are made while somebody waits

struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

class ZstdDecoder final : public Decoder {
  public:
    ZstdDecoder() : context_(ZSTD_createDCtx()) {
        if (context_ == nullptr) throw std::bad_alloc();
        ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowLog);
    }

    base::Result<CodingStep> decode(std::string_view in, std::span<char> out) override {
        ZSTD_inBuffer source{in.data(), in.size(), 0};
        ZSTD_outBuffer target{out.data(), out.size(), 0};
        while (target.pos < target.size) {
            // At the end of a frame there must be no call without input: it would begin the next.
            if (complete_ && source.pos == source.size) break;
            const std::size_t before = source.pos + target.pos;
            const std::size_t left = ZSTD_decompressStream(context_.get(), &target, &source);
            if (ZSTD_isError(left) != 0) {
                return base::fail(base::ErrorCode::kCorrupt, "the body is not zstd", {},
                                  ZSTD_getErrorName(left));
            }
            complete_ = left == 0;
            if (source.pos + target.pos == before) break;  // wants more input
        }
        return CodingStep{source.pos, target.pos};
    }
    bool is_complete() const override { return complete_; }

  private:
    std::unique_ptr<ZSTD_DCtx, Free> context_;
    bool complete_ = false;
};

class ZstdEncoder final : public Encoder {
  public:
    ZstdEncoder() : context_(ZSTD_createCCtx()) {
        if (context_ == nullptr) throw std::bad_alloc();
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
    }

    void encode(std::string_view in, bool at_end, std::string& out) override {
        ZSTD_inBuffer source{in.data(), in.size(), 0};
        std::size_t left = 0;
        do {
            const std::size_t held = out.size();
            out.resize(held + std::max<std::size_t>(in.size() / 4, 4096));
            ZSTD_outBuffer target{out.data() + held, out.size() - held, 0};
            left = ZSTD_compressStream2(context_.get(), &target, &source,
                                        at_end ? ZSTD_e_end : ZSTD_e_continue);
            out.resize(held + target.pos);
            if (ZSTD_isError(left) != 0) throw std::bad_alloc();  // no other error can happen here
        } while (source.pos < source.size || (at_end && left > 0));
    }

  private:
    std::unique_ptr<ZSTD_CCtx, Free> context_;
};

}  // namespace

std::unique_ptr<Decoder> make_zstd_decoder() {
    return std::make_unique<ZstdDecoder>();
}
std::unique_ptr<Encoder> make_zstd_encoder() {
    return std::make_unique<ZstdEncoder>();
}

}  // namespace vmsecurity::net
