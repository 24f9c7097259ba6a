#include "net/server/cross_origin.h"

#include <algorithm>
#include <string>

namespace vmsecurity::net {
namespace {

// What Access-Control-Allow-Origin says; empty: nothing.
std::string_view allowed(const CrossOrigin& rules, std::string_view origin) {
    for (const std::string& one : rules.origins) {
        if (one == "*") return "*";
        if (one == origin) return origin;
    }
    return {};
}

}  // namespace

std::optional<Response> answer_preflight(const CrossOrigin& rules, const Request& request) {
    if (rules.origins.empty() || request.method != Method::kOptions) return std::nullopt;
    const auto origin = request.headers.find("Origin");
    const auto method = request.headers.find("Access-Control-Request-Method");
    if (!origin || !method || allowed(rules, *origin).empty()) return std::nullopt;
    Response response;
    response.status = 204;
    response.headers.add("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    if (const auto wanted = request.headers.find("Access-Control-Request-Headers")) {
        // Which fields a request has is no secret between the page and us, so none is refused.
        response.headers.add("Access-Control-Allow-Headers", std::string(*wanted));
    }
    response.headers.add("Access-Control-Max-Age", std::to_string(rules.max_age.count()));
    return response;
}

void allow_origin(const CrossOrigin& rules, const Request& request, Headers& headers) {
    if (rules.origins.empty()) return;
    headers.add("Vary", "Origin");
    const auto origin = request.headers.find("Origin");
    if (!origin) return;
    const std::string_view value = allowed(rules, *origin);
    if (value.empty()) return;
    headers.add("Access-Control-Allow-Origin", std::string(value));
    std::string exposed;
    for (const std::string& one : rules.exposed_headers) {
        if (!exposed.empty()) exposed += ", ";
        exposed += one;
    }
    if (!exposed.empty()) headers.add("Access-Control-Expose-Headers", exposed);
}

}  // namespace vmsecurity::net
