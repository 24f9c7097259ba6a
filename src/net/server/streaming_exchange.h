#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/http/content_coding.h"
#include "net/server/body_pipe.h"
#include "net/server/exchange.h"

namespace vmsecurity::net {

// A body that streams in, an answer that streams out, both at the slower one's pace.
class StreamingExchange final : public Exchange {
  public:
    StreamingExchange(std::shared_ptr<Request> request, std::shared_ptr<const Route> route,
                      const ServerOptions& options, std::shared_ptr<Wakeup> wakeup);

    void abandon() override;
    InboundPipe& inbound() { return inbound_; }
    OutboundPipe& outbound() { return outbound_; }

    // Status and fields, once, after the handler has begun its answer.
    std::optional<Response> take_begun();
    // Once finished():
    bool answer_is_whole() const { return finish_called_; }
    Response take_response() { return std::move(response_); }  // where nothing was begun

  private:
    class Reader;
    class Writer;

    void call() override;
    void fail(Response answer) override { response_ = std::move(answer); }

    InboundPipe inbound_;
    OutboundPipe outbound_;
    std::mutex mutex_;
    std::optional<Response> begun_;
    bool begin_called_ = false;  // these two belong to the handler's thread until it has finished
    bool finish_called_ = false;
    Response response_;
};

}  // namespace vmsecurity::net
