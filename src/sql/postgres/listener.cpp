#include "sql/postgres/listener.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/log.h"
#include "sql/advisory_locks.h"

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;

constexpr auto kConnectTimeout = std::chrono::seconds(5);
constexpr auto kStatementTimeout = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(200);  // between attempts to connect

struct FreeNotify {
    void operator()(PGnotify* notify) const { PQfreemem(notify); }
};

base::Result<std::string> in_quotes(Session& session, const std::string& name) {
    char* raw = PQescapeIdentifier(session.handle(), name.data(), name.size());
    if (raw == nullptr) {
        return base::fail(ErrorCode::kInvalidArgument, "not a name for a channel", name);
    }
    std::string text = raw;
    PQfreemem(raw);
    return text;
}

}  // namespace

Listener::Listener(Connect connect, Subscribers& subscribers)
    : connect_(std::move(connect)),
      subscribers_(subscribers),
      wake_descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Listener::~Listener() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake();
    if (thread_.joinable()) thread_.join();
}

void Listener::wake() {
    const std::uint64_t one = 1;
    static_cast<void>(!::write(wake_descriptor_.get(), &one, sizeof(one)));
    changed_.notify_all();
}

bool Listener::stopping() {
    const std::scoped_lock lock(mutex_);
    return stopping_;
}

base::Result<void> Listener::ensure(std::string_view channel, Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    wanted_.emplace(channel);
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    if (active_.contains(channel)) return {};
    wake();
    if (!changed_.wait_until(lock, deadline, [&] { return active_.contains(channel); })) {
        return base::fail(ErrorCode::kUnavailable, "the database does not send notifications");
    }
    return {};
}

void Listener::run() {
    while (!stopping()) {
        auto session = connect_(Clock::now() + kConnectTimeout);
        base::Result<void> ended;
        if (session) {
            ended = serve(**session);
        } else {
            ended = base::fail(std::move(session).error());
        }
        if (ended) return;
        base::log::warning("waiting for notifications of the database: {}",
                           ended.error().describe());
        {
            const std::scoped_lock lock(mutex_);
            active_.clear();
        }
        pause();
    }
}

void Listener::pause() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kPause, [&] { return stopping_; });
}

// Ends without an error when the listener stops.
base::Result<void> Listener::serve(Session& session) {
    session.set_deadline(Clock::now() + kStatementTimeout);
    VMSECURITY_TRY(session.run(
        fmt::format("DO 'BEGIN PERFORM pg_advisory_lock_shared({}); END'", kListenersLock)));
    VMSECURITY_TRY(listen_to_wanted(session));
    if (std::exchange(connected_before_, true)) subscribers_.publish_to_all();
    for (;;) {
        VMSECURITY_TRY(session.wait_for_input(wake_descriptor_.get(), Clock::time_point::max()));
        std::uint64_t count = 0;
        static_cast<void>(!::read(wake_descriptor_.get(), &count, sizeof(count)));
        if (stopping()) return {};
        deliver(session);
        VMSECURITY_TRY(listen_to_wanted(session));
        deliver(session);
    }
}

base::Result<void> Listener::listen_to_wanted(Session& session) {
    std::vector<std::string> missing;
    {
        const std::scoped_lock lock(mutex_);
        std::ranges::set_difference(wanted_, active_, std::back_inserter(missing));
    }
    for (const std::string& channel : missing) {
        session.set_deadline(Clock::now() + kStatementTimeout);
        VMSECURITY_ASSIGN(const auto name, in_quotes(session, channel));
        VMSECURITY_TRY(session.run("LISTEN " + name));
        const std::scoped_lock lock(mutex_);
        active_.insert(channel);
        changed_.notify_all();
    }
    return {};
}

void Listener::deliver(Session& session) {
    for (;;) {
        const std::unique_ptr<PGnotify, FreeNotify> notify(PQnotifies(session.handle()));
        if (!notify) return;
        subscribers_.publish({notify->relname, notify->extra});
    }
}

}  // namespace vmsecurity::sql::postgres
