#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"

// As little of an HTTP/1.1 client as a benchmark needs: what it costs is taken from the server,
// which runs on the same processors. Answers have a Content-Length.
namespace vmsecurity::bench {

struct HttpAnswer {
    int status = 0;
    std::string body;
};

struct HttpRequest {
    std::string_view method = "GET";
    std::string_view target;  // escaped
    std::string_view body = {};
    std::string_view content_type = {};
    std::string_view fields = {};  // further ones, each with its line's end
};
std::string to_text(const HttpRequest& request);

// A target as people write it, with what a query may not hold escaped (RFC 3986 §3.4).
std::string escape_target(std::string_view target);

// A kept connection.
class HttpConnection {
  public:
    // "127.0.0.1:40123"
    static base::Result<HttpConnection> open(std::string_view address);

    int descriptor() const { return socket_.get(); }
    base::Result<void> send(std::string_view request);
    // Waits for what arrives and takes it in; nothing while the answer is not whole.
    base::Result<std::optional<HttpAnswer>> receive_some();
    base::Result<HttpAnswer> receive();
    base::Result<HttpAnswer> exchange(std::string_view request);

  private:
    explicit HttpConnection(base::FileDescriptor socket) : socket_(std::move(socket)) {}
    std::optional<HttpAnswer> take_answer();

    base::FileDescriptor socket_;
    std::string received_;
};

}  // namespace vmsecurity::bench
