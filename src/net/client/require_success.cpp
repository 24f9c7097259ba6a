#include <fmt/format.h>

#include "base/text.h"
#include "codec/json.h"
#include "net/client/http_client.h"
#include "net/http/status.h"

namespace vmsecurity::net {
namespace {

using base::ErrorCode;

ErrorCode code_of(int status) {
    switch (status) {
        case 401:
        case 403:
            return ErrorCode::kPermissionDenied;
        case 404:
        case 410:
            return ErrorCode::kNotFound;
        case 408:
        case 429:
        case 502:
        case 503:
        case 504:
            return ErrorCode::kUnavailable;
        case 413:
            return ErrorCode::kLimitExceeded;
        case 501:
            return ErrorCode::kUnsupported;
        default:
            return status < 500 ? ErrorCode::kInvalidArgument : ErrorCode::kInternal;
    }
}

std::string message_of(const Response& response) {
    const auto body = codec::parse_json(response.body);
    if (body && body->is_object()) {
        const std::string_view message = codec::text_member(body->get_object(), "message");
        if (!message.empty()) return std::string(message);
    }
    return response.body.substr(0, std::min<std::size_t>(response.body.find('\n'), 500));
}

}  // namespace

base::Result<Response> require_success(Response response) {
    if (response.status < 400) return response;
    std::string message = base::printable(message_of(response));
    if (message.empty()) message = "the server refused";
    return base::fail(code_of(response.status), std::move(message), {},
                      fmt::format("{} {}", response.status, reason_phrase(response.status)));
}

}  // namespace vmsecurity::net
