#include "net/server/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/identifiers.h"
#include "codec/json_writer.h"

namespace vmsecurity::net {
namespace {

Response json_error(const Request&, int status, std::string_view message) {
    codec::JsonWriter json;
    json.begin_object();
    json.member("message", message);
    json.end_object();
    Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.body = json.take();
    return response;
}

ServerOptions with_defaults(ServerOptions options) {
    if (!options.make_error) options.make_error = json_error;
    options.io_threads = std::max(1U, options.io_threads);
    return options;
}

bool is_harmless(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    });
}

}  // namespace

Service::Service(ServerOptions server_options, Dispatch server_dispatch)
    : options(with_defaults(std::move(server_options))),
      dispatch(std::move(server_dispatch)),
      lanes(options.lanes),
      limiter(options.rate_limit.rate, options.rate_limit.burst),
      id_prefix_(base::random_uuid().substr(0, 8)) {}

std::chrono::milliseconds Service::rate_limit(const Request& request) {
    if (!limiter.enabled()) return std::chrono::milliseconds(0);
    const std::string key = options.rate_limit.key ? options.rate_limit.key(request)
                                                   : rate_limit_key(request.remote_address);
    if (key.empty()) return std::chrono::milliseconds(0);
    return limiter.take(key, RateLimiter::Clock::now());
}

std::string Service::request_id(const Headers& headers) {
    const auto given = headers.find("X-Request-Id");
    if (given && is_harmless(*given)) return std::string(*given);
    return fmt::format("{}-{:x}", id_prefix_, id_counter_.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace vmsecurity::net
