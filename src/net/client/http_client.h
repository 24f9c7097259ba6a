#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/message.h"

// The client of our own services: the CLI's and the orchestrator's way to the API.
namespace vmsecurity::net {

struct ClientOptions {
    std::string base_url;      // "https://api.example.org:8888/api", with or without a last "/"
    std::string ca_file;       // PEM; empty: the system's
    std::string bearer_token;  // sent only to base_url's host; empty: none
    std::string user_agent = "vmsecurity";
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds total_timeout{60'000};  // of one attempt that does not stream
    std::chrono::milliseconds stall_timeout{60'000};  // of one that streams, without a byte
    std::uint64_t max_body_bytes = 64 << 20;          // of an answer that does not stream, decoded
    // Attempts in all: after a connection that failed before the request was sent, and after 503
    // and 429; after one that failed later only where the method is idempotent (RFC 9110 §9.2.2).
    unsigned attempts = 4;
    std::chrono::milliseconds first_delay{200};   // doubled each time, of which a random part
    std::chrono::milliseconds max_delay{10'000};  // a longer Retry-After ends the attempts
};

struct ClientRequest {
    Method method = Method::kGet;
    std::string target;  // "/assets?$top=5", percent-encoded, appended to base_url
    Headers headers;
    std::string body;       // JSON unless headers name another Content-Type
    bool compress = false;  // send the body as zstd
    // Instead of `body`: called until it appends nothing; sent chunked. Not tried a second time.
    std::function<base::Result<void>(std::string& block)> body_source;
};

// Takes part of a streamed answer's body; false ends the request (kCancelled).
using OnBytes = std::function<bool(std::string_view)>;

// Keeps its connection. Belongs to one thread at a time.
class HttpClient {
  public:
    explicit HttpClient(ClientOptions options);
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    // The answer, of whatever status, gzip and zstd undone. kUnavailable: none was got, after all
    // attempts; kLimitExceeded: larger than allowed; kCancelled: by `stop`, also between attempts.
    base::Result<Response> send(const ClientRequest& request, std::stop_token stop = {});

    // As send(), but the body of a 2xx answer goes to `on_bytes` as it comes, undecoded, for
    // exports and events. The answer has that of other statuses.
    base::Result<Response> stream(const ClientRequest& request, const OnBytes& on_bytes,
                                  std::stop_token stop = {});

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Status codes of 400 and above as an Error that carries the answer's "message" or first line.
base::Result<Response> require_success(Response response);

}  // namespace vmsecurity::net
