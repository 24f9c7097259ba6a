#include "apiserver/system/description.h"

#include <algorithm>

#include "apiserver/http/answer.h"
#include "codec/json_writer.h"
#include "model/api/openapi.h"

namespace vmsecurity::apiserver {

namespace {

// Forwarded values come from the client as much as from a gateway: only what an address can hold is
// taken.
bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._~:/[]").find(c) != std::string_view::npos;
    });
}

std::string server_url(const net::Request& request) {
    const auto host = request.headers.find("X-Forwarded-Host");
    if (!host || !is_plain(*host)) return {};
    const auto protocol = request.headers.find("X-Forwarded-Proto");
    const auto prefix = request.headers.find("X-Forwarded-Prefix");
    std::string url = protocol == "https" ? "https://" : "http://";
    url += *host;
    if (prefix && is_plain(*prefix)) {
        if (prefix->front() != '/') url += '/';
        url += *prefix;
    }
    while (url.ends_with('/')) url.pop_back();
    return url;
}

}  // namespace

net::Response get_description(const Call& call) {
    const std::string_view description = model::api::openapi_json();
    const std::string url = server_url(call.request);
    if (url.empty()) return json_answer(200, std::string(description));
    codec::JsonWriter writer;
    writer.begin_array();
    writer.begin_object();
    writer.member("url", std::string_view(url));
    writer.end_object();
    writer.end_array();
    // The description is an object that is not empty and names no servers itself.
    std::string text(description.substr(0, description.size() - 1));
    text += ",\"servers\":" + writer.take() + "}";
    return json_answer(200, std::move(text));
}

}  // namespace vmsecurity::apiserver
