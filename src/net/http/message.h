#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// HTTP messages (RFC 9110) as the rest of the program sees them. Only net knows Beast and libcurl.
namespace vmsecurity::net {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };
std::string_view to_string(Method method);

// ASCII only, as names of fields and tokens are compared.
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Field names are case-insensitive; order and duplicates are kept.
class Headers {
  public:
    void add(std::string_view name, std::string value);
    void set(std::string_view name, std::string value);                 // replaces all of that name
    void remove(std::string_view name);                                 // all of that name
    std::optional<std::string_view> find(std::string_view name) const;  // the first
    // Whether `token` is in the comma-separated lists of that name: has_token("Connection",
    // "close").
    bool has_token(std::string_view name, std::string_view token) const;
    const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

struct QueryParameter {
    std::string name;  // decoded ("+" and %HH)
    std::string value;
    // Where the value begins in the target as sent, for errors that point at it.
    std::size_t offset = 0;
};

struct Request {
    Method method = Method::kGet;
    std::string target;  // as sent: "/assets?%24top=5"
    std::string path;    // decoded, without the query: "/assets"
    std::vector<QueryParameter> query;
    Headers headers;
    std::string body;            // decoded from gzip or zstd; empty for streaming handlers
    std::string remote_address;  // "127.0.0.1"
    bool is_loopback = false;
    bool is_tls = false;
    std::string id;  // of this request, for logs and answers (X-Request-Id)
    std::chrono::steady_clock::time_point deadline{};

    // Who asks, for the access log. Set by whoever finds it out: the dispatch or the handler (while
    // it runs, on its own thread), which are given the request as const. Never a token.
    mutable std::string principal;

    const QueryParameter* find_query(std::string_view name) const;
};

struct Response {
    int status = 200;
    Headers headers;
    std::string body;
};

}  // namespace vmsecurity::net
