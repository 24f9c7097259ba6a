#include "net/server/exchange.h"

#include <exception>

#include "base/log.h"
#include "net/http/content_coding.h"
#include "net/server/response_coding.h"

namespace vmsecurity::net {

std::uint64_t body_limit(const Route& route, const ServerOptions& options) {
    return route.max_body_bytes > 0 ? route.max_body_bytes : options.limits.body_bytes;
}

std::uint64_t Exchange::body_limit() const {
    return net::body_limit(*route_, options_);
}

void Exchange::run() noexcept {
    if (!abandoned_.load(std::memory_order_relaxed)) {
        try {
            try {
                call();
            } catch (const std::exception& thrown) {
                // What was thrown may quote anything, so it is for the log and not for the client.
                base::log::error("request {}: {} threw: {}", request_->id, route_->name,
                                 thrown.what());
                fail(error(500, "the server failed to answer; its log says why under request " +
                                    request_->id));
            }
        } catch (...) {
            base::log::error("request {}: {} threw", request_->id, route_->name);
            fail(Response{500, {}, {}});
        }
    }
    finished_.store(true, std::memory_order_release);
    wake();
}

bool Exchange::decode_body(Response& answer) {
    const auto header = request_->headers.find("Content-Encoding");
    if (!header) return true;
    const auto coding = parse_content_coding(*header);
    if (!coding) {
        answer = error(415, "a body may be encoded with gzip or zstd");
        answer.headers.set("Accept-Encoding", "gzip, zstd");
        return false;
    }
    if (*coding == ContentCoding::kIdentity) return true;
    auto decoded = decode_content(*coding, request_->body, body_limit());
    if (!decoded) {
        const bool large = decoded.error().code == base::ErrorCode::kLimitExceeded;
        answer = error(large ? 413 : 400, decoded.error().message);
        return false;
    }
    request_->body = std::move(*decoded);
    return true;
}

void SimpleExchange::call() {
    if (!decode_body(response_)) return;
    response_ = route().handler.simple(request());
    encode_response(request(), options().compress_from, response_);
}

}  // namespace vmsecurity::net
