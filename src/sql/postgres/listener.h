#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "sql/postgres/session.h"
#include "sql/subscribers.h"

namespace vmsecurity::sql::postgres {

// One connection that waits for notifications (LISTEN) and hands them to the subscribers. A lost
// connection is made anew; then every subscriber is woken, because notifications were missed.
class Listener {
  public:
    using Clock = std::chrono::steady_clock;
    using Connect = std::function<base::Result<std::unique_ptr<Session>>(Clock::time_point)>;

    Listener(Connect connect, Subscribers& subscribers);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Returns once the server notifies us of `channel`; kUnavailable if it does not by `deadline`.
    base::Result<void> ensure(std::string_view channel, Clock::time_point deadline);

  private:
    void run();
    base::Result<void> listen_to_wanted(Session& session);
    base::Result<void> serve(Session& session);
    void deliver(Session& session);
    void pause();
    void wake();
    bool stopping();

    Connect connect_;
    Subscribers& subscribers_;
    base::FileDescriptor wake_descriptor_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string, std::less<>> wanted_;
    std::set<std::string, std::less<>> active_;
    bool stopping_ = false;
    bool connected_before_ = false;

    std::thread thread_;  // started with the first channel
};

}  // namespace vmsecurity::sql::postgres
