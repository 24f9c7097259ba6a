#include "net/server/streaming_exchange.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "net/server/response_coding.h"

namespace vmsecurity::net {

using base::ErrorCode;

class StreamingExchange::Reader final : public BodyReader {
  public:
    explicit Reader(StreamingExchange& exchange)
        : exchange_(exchange), limit_(exchange.body_limit()) {
        const auto header = exchange.request().headers.find("Content-Encoding");
        const auto coding = parse_content_coding(header.value_or(""));
        if (coding) {
            decoder_ = make_decoder(*coding);
        } else {
            error_ = base::Error{
                ErrorCode::kUnsupported, "a body may be encoded with gzip or zstd", {}, {}};
        }
    }

    base::Result<std::size_t> read(std::span<char> buffer) override {
        if (error_) return base::fail(*error_);
        auto count = read_on(buffer);
        if (!count) error_ = count.error();  // an error stays
        return count;
    }

  private:
    base::Result<std::size_t> read_on(std::span<char> buffer) {
        while (!buffer.empty()) {
            VMSECURITY_TRY(fill());
            const std::string_view in = std::string_view(input_).substr(used_);
            CodingStep step;
            if (decoder_ == nullptr) {
                step.consumed = step.produced = std::min(in.size(), buffer.size());
                std::memcpy(buffer.data(), in.data(), step.produced);
            } else {
                VMSECURITY_ASSIGN(step, decoder_->decode(in, buffer));
            }
            used_ += step.consumed;
            delivered_ += step.produced;
            if (delivered_ > limit_) {
                return base::fail(ErrorCode::kLimitExceeded, "the decoded body is too large");
            }
            if (step.produced > 0) return step.produced;
            if (!at_end_) continue;
            if (decoder_ != nullptr && !decoder_->is_complete()) {
                return base::fail(ErrorCode::kCorrupt, "the encoded body ends too early");
            }
            return 0;
        }
        return 0;
    }

    base::Result<void> fill() {
        if (used_ < input_.size() || at_end_) return {};
        if (exchange_.inbound_.want()) exchange_.wake();
        VMSECURITY_ASSIGN(auto taken, exchange_.inbound_.pop(exchange_.request().deadline));
        if (taken.made_room) exchange_.wake();
        input_ = std::move(taken.bytes);
        used_ = 0;
        at_end_ = input_.empty();
        return {};
    }

    StreamingExchange& exchange_;
    const std::uint64_t limit_;
    std::unique_ptr<Decoder> decoder_;
    std::optional<base::Error> error_;
    std::string input_;
    std::size_t used_ = 0;
    std::uint64_t delivered_ = 0;
    bool at_end_ = false;
};

class StreamingExchange::Writer final : public BodyWriter {
  public:
    explicit Writer(StreamingExchange& exchange) : exchange_(exchange) {}

    base::Result<void> begin(int status, Headers headers) override {
        if (std::exchange(exchange_.begin_called_, true)) {
            return base::fail(ErrorCode::kInternal, "an answer begins once");
        }
        if (exchange_.options().compress_from > 0) {
            const ContentCoding coding =
                choose_response_coding(exchange_.request(), status, headers);
            encoder_ = make_encoder(coding);
            if (encoder_ != nullptr) {
                headers.add("Content-Encoding", std::string(to_string(coding)));
            }
        }
        {
            const std::lock_guard lock(exchange_.mutex_);
            exchange_.begun_ = Response{status, std::move(headers), {}};
        }
        exchange_.wake();
        return {};
    }

    base::Result<void> write(std::string_view bytes) override {
        if (!exchange_.begin_called_ || exchange_.finish_called_) {
            return base::fail(ErrorCode::kInternal,
                              "an answer is written between begin and finish");
        }
        if (exchange_.request().method == Method::kHead) {
            exchange_.finish_called_ = true;
            return base::fail(ErrorCode::kCancelled, "an answer to HEAD has no body");
        }
        if (encoder_ != nullptr) {
            encoder_->encode(bytes, false, block_);
        } else {
            block_ += bytes;
        }
        return block_.size() < kBlock ? base::Result<void>{} : send();
    }

    base::Result<void> finish() override {
        if (!exchange_.begin_called_ || exchange_.finish_called_) {
            return base::fail(ErrorCode::kInternal, "an answer is finished once, after begin");
        }
        if (encoder_ != nullptr) encoder_->encode({}, true, block_);
        VMSECURITY_TRY(send());
        exchange_.finish_called_ = true;
        return {};
    }

  private:
    // Lines are short, and a chunk for each would cost more than its content.
    static constexpr std::size_t kBlock = 16 << 10;

    base::Result<void> send() {
        if (block_.empty()) return {};
        VMSECURITY_TRY(exchange_.outbound_.push(block_, exchange_.request().deadline));
        block_.clear();
        exchange_.wake();
        return {};
    }

    StreamingExchange& exchange_;
    std::unique_ptr<Encoder> encoder_;
    std::string block_;
};

StreamingExchange::StreamingExchange(std::shared_ptr<Request> request,
                                     std::shared_ptr<const Route> route,
                                     const ServerOptions& options, std::shared_ptr<Wakeup> wakeup)
    : Exchange(std::move(request), std::move(route), options, std::move(wakeup)),
      inbound_(options.limits.stream_bytes),
      outbound_(options.limits.stream_bytes) {}

void StreamingExchange::abandon() {
    Exchange::abandon();
    inbound_.fail(base::Error{ErrorCode::kCancelled, "the client is gone", {}, {}});
    outbound_.cancel();
}

std::optional<Response> StreamingExchange::take_begun() {
    const std::lock_guard lock(mutex_);
    return std::exchange(begun_, std::nullopt);
}

void StreamingExchange::call() {
    Reader reader(*this);
    Writer writer(*this);
    auto response = route().handler.streaming(request(), reader, writer);
    if (begin_called_) return;
    response_ =
        response ? std::move(*response) : error(500, "the server has no answer to this request");
    encode_response(request(), options().compress_from, response_);
}

}  // namespace vmsecurity::net
