#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/message.h"

namespace vmsecurity::net {

// The pools that blocking handlers run on. Each is bounded in threads and in waiting requests; a
// request that finds its lane full is answered 503 with Retry-After at once, so that bulk work
// never delays a health probe.
enum class Lane : std::uint8_t { kHealth, kRead, kWrite, kBulk };

// The body of a request while it arrives, decoded from gzip or zstd. Blocks the lane's thread, with
// the request's deadline; memory is bounded, and the client is slowed down to the reader's pace.
class BodyReader {
  public:
    virtual ~BodyReader() = default;
    // Up to buffer.size() bytes; 0 is the end. kTruncated: the client went away; kLimitExceeded:
    // the body is over its limit, encoded or decoded; kCorrupt: it is not what Content-Encoding
    // says.
    virtual base::Result<std::size_t> read(std::span<char> buffer) = 0;
};

// A body that is written while it is made (chunked). Blocks while the client is slow.
class BodyWriter {
  public:
    virtual ~BodyWriter() = default;
    virtual base::Result<void> begin(int status, Headers headers) = 0;
    virtual base::Result<void> write(std::string_view bytes) = 0;
    // Without finish() the connection is cut, so that a half-written body is seen as one.
    virtual base::Result<void> finish() = 0;
};

// Server-sent events (WHATWG HTML §9.2). Held by the producer; push() may be called from any thread
// and never blocks. False: the client is gone or too slow, and the producer should let go of it.
class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual bool push(std::string_view id, std::string_view event, std::string_view data) = 0;
    // Where a client goes on that has got no event yet: an id without data, which clients remember
    // and show to nobody.
    virtual bool place(std::string_view id) = 0;
    virtual bool comment(std::string_view text) = 0;  // a keep-alive
    virtual void close() = 0;                         // after what was pushed is sent
};

// What a route does; exactly one is set.
struct Handler {
    // Blocking, on the lane's pool: the whole body in, the whole answer out.
    std::function<Response(const Request&)> simple;
    // Blocking, on the lane's pool, with a body that streams in or out. A non-null answer is sent
    // when the writer was not begun.
    std::function<std::optional<Response>(const Request&, BodyReader&, BodyWriter&)> streaming;
    // Called on the lane's pool; an answer that is not 200 is sent instead of the stream.
    std::function<Response(const Request&, std::shared_ptr<EventSink>)> events;
};

struct Route {
    Handler handler;
    Lane lane = Lane::kRead;
    std::uint64_t max_body_bytes = 0;         // decoded; 0: the server's default
    std::chrono::milliseconds time_limit{0};  // 0: the server's default
    std::string name;                         // for logs and metrics: "GET /assets/{assetID}"
};

// Decides what a request gets before its body is read. Never null: an unknown path or a wrong
// method is a route whose handler answers 404 or 405.
using Dispatch = std::function<std::shared_ptr<const Route>(const Request&)>;

}  // namespace vmsecurity::net
