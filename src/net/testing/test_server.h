#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "net/server/server.h"

namespace vmsecurity::net::testing {

// An answer as it came: names of fields in lower case, a chunked body put together.
struct RawAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
};

// A client that sends any bytes and takes answers apart by itself, so that the server is not tested
// with its own parser. Reads give up after ten seconds.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port);
    void send(std::string_view bytes) const;
    // The next answer; none if the connection ends before or inside it. HEAD: no body follows.
    std::optional<RawAnswer> receive(bool head = false);
    std::optional<RawAnswer> ask(std::string_view bytes) {
        send(bytes);
        return receive();
    }
    // Whether the server has closed, with nothing left to read.
    bool at_end();
    // Up to and with `mark`, which is taken off; none at the end of the connection.
    std::optional<std::string> read_until(std::string_view mark);
    std::optional<std::string> read_exactly(std::size_t count);
    void stop_sending() const;
    int descriptor() const { return socket_.get(); }
    void close() { socket_.reset(); }

  private:
    bool fill();
    base::FileDescriptor socket_;
    std::string buffer_;
};

// A started server on a free port, whose routes are the given handler for each path.
class TestServer {
  public:
    explicit TestServer(std::map<std::string, Route> routes, ServerOptions options = {});
    RawClient connect() const { return RawClient(server_->port()); }
    Server& server() { return *server_; }

  private:
    std::unique_ptr<Server> server_;
};

Route simple(std::function<Response(const Request&)> handler, Lane lane = Lane::kRead);
std::string get(std::string_view target, std::string_view fields = {});

}  // namespace vmsecurity::net::testing
