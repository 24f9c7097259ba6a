#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vmsecurity::net {

// Bytes between a connection, which never blocks, and a handler's thread, which does. Both ways
// hold at most a little more than their capacity.

// From the connection to the handler.
class InboundPipe {
  public:
    explicit InboundPipe(std::size_t capacity) : capacity_(capacity) {}

    void push(std::string bytes);
    bool has_room() const;
    void end();
    void fail(base::Error error);  // after what was pushed; the first end or failure counts
    bool is_wanted() const;        // whether pop() was called, so that a 100 (Continue) is due

    struct Taken {
        std::string bytes;       // empty: the end
        bool made_room = false;  // the connection may be waiting for it
    };
    // All there is; waits for something until `deadline`.
    base::Result<Taken> pop(std::chrono::steady_clock::time_point deadline);
    // Before the first pop(); true if this is the first.
    bool want();

  private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string bytes_;
    bool wanted_ = false;
    bool ended_ = false;
    std::optional<base::Error> error_;
};

// From the handler to the connection.
class OutboundPipe {
  public:
    explicit OutboundPipe(std::size_t capacity) : capacity_(capacity) {}

    // Waits for room until `deadline` (kLimitExceeded). kCancelled: the connection is gone.
    base::Result<void> push(std::string_view bytes, std::chrono::steady_clock::time_point deadline);
    void cancel();

    std::string take();  // all there is

  private:
    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string bytes_;
    bool cancelled_ = false;
};

}  // namespace vmsecurity::net
