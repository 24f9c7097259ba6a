#include <zlib.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "net/http/coders.h"

namespace vmsecurity::net {
namespace {

constexpr int kWindow = 15 + 16;  // 32 KiB, with gzip's header and checksum
constexpr int kLevel = 4;

uInt bounded(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

// zlib never writes through next_in.
Bytef* input(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT(*-const-cast)
}

class GzipDecoder final : public Decoder {
  public:
    GzipDecoder() {
        if (::inflateInit2(&stream_, kWindow) != Z_OK) throw std::bad_alloc();
    }
    ~GzipDecoder() override { ::inflateEnd(&stream_); }
    GzipDecoder(const GzipDecoder&) = delete;
    GzipDecoder& operator=(const GzipDecoder&) = delete;

    base::Result<CodingStep> decode(std::string_view in, std::span<char> out) override {
        stream_.next_in = input(in);
        stream_.avail_in = bounded(in.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = bounded(out.size());
        const uInt all_in = stream_.avail_in;
        const uInt all_out = stream_.avail_out;
        while (stream_.avail_out > 0) {
            if (complete_) {
                // A file may be several members after each other (RFC 1952 §2.2).
                if (stream_.avail_in == 0) break;
                ::inflateReset(&stream_);
                complete_ = false;
            }
            const int result = ::inflate(&stream_, Z_NO_FLUSH);
            if (result == Z_STREAM_END) {
                complete_ = true;
            } else if (result == Z_BUF_ERROR) {
                break;  // wants more input
            } else if (result != Z_OK) {
                return base::fail(base::ErrorCode::kCorrupt, "the body is not gzip", {},
                                  stream_.msg == nullptr ? "" : stream_.msg);
            }
        }
        return CodingStep{all_in - stream_.avail_in, all_out - stream_.avail_out};
    }
    bool is_complete() const override { return complete_; }

  private:
    z_stream stream_{};
    bool complete_ = false;
};

class GzipEncoder final : public Encoder {
  public:
    GzipEncoder() {
        if (::deflateInit2(&stream_, kLevel, Z_DEFLATED, kWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~GzipEncoder() override { ::deflateEnd(&stream_); }
    GzipEncoder(const GzipEncoder&) = delete;
    GzipEncoder& operator=(const GzipEncoder&) = delete;

    void encode(std::string_view in, bool at_end, std::string& out) override {
        do {
            stream_.next_in = input(in);
            stream_.avail_in = bounded(in.size());
            const uInt all_in = stream_.avail_in;
            const std::size_t held = out.size();
            out.resize(held + std::max<std::size_t>(in.size() / 4, 4096));
            stream_.next_out = reinterpret_cast<Bytef*>(out.data() + held);
            stream_.avail_out = bounded(out.size() - held);
            const bool last = at_end && all_in == in.size();
            const int result = ::deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
            in.remove_prefix(all_in - stream_.avail_in);
            out.resize(out.size() - stream_.avail_out);
            done_ = result == Z_STREAM_END;
        } while (!in.empty() || (at_end && !done_));
    }

  private:
    z_stream stream_{};
    bool done_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder() {
    return std::make_unique<GzipDecoder>();
}
std::unique_ptr<Encoder> make_gzip_encoder() {
    return std::make_unique<GzipEncoder>();
}

}  // namespace vmsecurity::net
