#include "sql/postgres/database.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "sql/pool.h"
#include "sql/postgres/connection.h"
#include "sql/postgres/listener.h"
#include "sql/postgres/parameters.h"
#include "sql/postgres/session.h"
#include "sql/subscribers.h"

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;
using Clock = std::chrono::steady_clock;

constexpr int kOldestVersion = 130000;
// How long callers wait for a server that is starting again, if their deadline allows.
constexpr auto kReconnectTime = std::chrono::seconds(5);
constexpr auto kLongestPause = std::chrono::milliseconds(100);

// jit: compiling costs more than all but the longest of our queries. synchronous_commit: what
// write() has answered is on disk, whatever the server's default; stronger settings stay.
constexpr std::string_view kSessionSettings =
    "SET jit = off; SET bytea_output = hex; SET idle_in_transaction_session_timeout = '60s';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'";

base::Result<void> check_server(const Session& session) {
    if (PQserverVersion(session.handle()) < kOldestVersion) {
        return base::fail(ErrorCode::kUnsupported, "PostgreSQL 13 or newer is needed");
    }
    const char* encoding = PQparameterStatus(session.handle(), "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
        return base::fail(ErrorCode::kUnsupported,
                          "the database must have the encoding UTF8 (CREATE DATABASE ... ENCODING "
                          "'UTF8' TEMPLATE template0)");
    }
    return {};
}

// Pauses of random length keep those who lost the same race from meeting again.
class Backoff {
  public:
    explicit Backoff(Clock::time_point deadline) : deadline_(deadline) {}

    // False, at once, if the deadline would pass.
    bool pause() {
        thread_local std::minstd_rand random{std::random_device{}()};
        std::uniform_int_distribution<std::int64_t> choose(limit_.count() / 2, limit_.count());
        const std::chrono::microseconds chosen(choose(random));
        limit_ = std::min<std::chrono::microseconds>(limit_ * 2, kLongestPause);
        if (Clock::now() + chosen >= deadline_) return false;
        std::this_thread::sleep_for(chosen);
        return true;
    }

  private:
    Clock::time_point deadline_;
    std::chrono::microseconds limit_ = std::chrono::milliseconds(1);
};

class PostgresDatabase final : public Database {
  public:
    explicit PostgresDatabase(Options options)
        : options_(std::move(options)),
          readers_(options_.readers, [this](auto deadline) { return make_connection(deadline); }),
          writers_(options_.writers, [this](auto deadline) { return make_connection(deadline); }),
          listener_([this](auto deadline) { return connect(deadline); }, subscribers_) {}

    Dialect dialect() const override { return Dialect::kPostgres; }
    base::Result<void> read(const Work& work, Clock::time_point deadline) override;
    base::Result<void> write(const Work& work, Clock::time_point deadline) override;
    base::Result<std::unique_ptr<Subscription>> listen(
        std::string_view channel, std::function<void(std::string_view)> wake) override;
    base::Result<void> backup(const std::string& path) override;
    base::Result<void> ping(Clock::time_point deadline) override;

  private:
    using Connections = Pool<PostgresConnection>;
    // Whether the work may run again, and after how much hope.
    enum class Again : std::uint8_t { kNo, kConflict, kLost };
    struct Outcome {
        base::Result<void> result;
        Again again = Again::kNo;
    };

    base::Result<std::unique_ptr<Session>> connect(Clock::time_point deadline) const;
    base::Result<std::unique_ptr<PostgresConnection>> make_connection(
        Clock::time_point deadline) const;
    Outcome read_once(const Work& work, Clock::time_point deadline);
    Outcome write_once(const Work& work, Clock::time_point deadline);
    template <typename Attempt>
    base::Result<void> repeat(Clock::time_point deadline, const Attempt& attempt);

    Options options_;
    Subscribers subscribers_;
    Connections readers_;
    Connections writers_;
    Listener listener_;
};

base::Result<std::unique_ptr<Session>> PostgresDatabase::connect(Clock::time_point deadline) const {
    const auto limit = std::min(deadline, Clock::now() + options_.connect_timeout);
    VMSECURITY_ASSIGN(const auto parameters, connection_parameters(options_));
    VMSECURITY_ASSIGN(auto session, Session::connect(parameters, limit));
    session->set_deadline(limit);
    VMSECURITY_TRY(check_server(*session));
    VMSECURITY_TRY(session->run(std::string(kSessionSettings)));
    return session;
}

base::Result<std::unique_ptr<PostgresConnection>> PostgresDatabase::make_connection(
    Clock::time_point deadline) const {
    VMSECURITY_ASSIGN(auto session, connect(deadline));
    return std::make_unique<PostgresConnection>(std::move(session), options_.statement_cache);
}

base::Result<void> run_work(const Database::Work& work, Connection& connection) {
    try {
        return work(connection);
    } catch (const std::exception& exception) {
        return base::fail(ErrorCode::kInternal, "a database operation failed", {},
                          exception.what());
    }
}

PostgresDatabase::Outcome PostgresDatabase::read_once(const Work& work,
                                                      Clock::time_point deadline) {
    auto connection = readers_.acquire(deadline);
    if (!connection) {
        return {base::fail(std::move(connection).error()), Again::kLost};
    }
    PostgresConnection& reader = **connection;
    if (auto begun = reader.begin(false, deadline); !begun) {
        // An idle connection that the server has closed meanwhile. The work has not run yet; once
        // it has seen rows it does not run again.
        connection->discard();
        readers_.drop_idle();
        return {base::fail(std::move(begun).error()), Again::kLost};
    }
    auto result = run_work(work, reader);
    Session& session = reader.session();
    if (result && session.failure()) result = base::fail(*session.failure());
    session.set_deadline(Clock::now() + options_.connect_timeout);
    reader.roll_back();
    if (session.broken() ||
        (!session.failed_state().empty() && needs_new_connection(session.failed_state()))) {
        connection->discard();
    }
    return {std::move(result), Again::kNo};
}

PostgresDatabase::Outcome PostgresDatabase::write_once(const Work& work,
                                                       Clock::time_point deadline) {
    auto connection = writers_.acquire(deadline);
    if (!connection) {
        return {base::fail(std::move(connection).error()), Again::kLost};
    }
    PostgresConnection& writer = **connection;
    Session& session = writer.session();
    const auto lost = [&] {
        return session.broken() ||
               (!session.failed_state().empty() && needs_new_connection(session.failed_state()));
    };
    auto result = writer.begin(true, deadline);
    if (result) result = run_work(work, writer);
    if (result && session.failure()) result = base::fail(*session.failure());
    if (result && !session.broken()) {
        // COMMIT gets its time even at the deadline: the answer matters more.
        session.set_deadline(Clock::now() + options_.connect_timeout);
        result = writer.commit();
        if (result) return {};
        if (session.broken()) {
            result.error().message += " during COMMIT; the outcome of the write is unknown";
            connection->discard();
            return {std::move(result), Again::kNo};
        }
    }
    if (result) {
        result = base::fail(ErrorCode::kUnavailable, "the connection to the database was lost");
    }
    const Again again = lost()                                ? Again::kLost
                        : is_conflict(session.failed_state()) ? Again::kConflict
                                                              : Again::kNo;
    if (again == Again::kLost) {
        connection->discard();
        writers_.drop_idle();
    } else {
        session.set_deadline(Clock::now() + options_.connect_timeout);
        writer.roll_back();
        if (session.broken()) connection->discard();
    }
    return {std::move(result), again};
}

template <typename Attempt>
base::Result<void> PostgresDatabase::repeat(Clock::time_point deadline, const Attempt& attempt) {
    Backoff backoff(deadline);
    const auto give_up = Clock::now() + kReconnectTime;
    for (;;) {
        Outcome outcome = attempt();
        const bool again = outcome.again == Again::kConflict ||
                           (outcome.again == Again::kLost && Clock::now() < give_up &&
                            outcome.result.error().code != ErrorCode::kUnsupported &&
                            outcome.result.error().code != ErrorCode::kInvalidArgument);
        if (!again || !backoff.pause()) return std::move(outcome.result);
    }
}

base::Result<void> PostgresDatabase::read(const Work& work, Clock::time_point deadline) {
    return repeat(deadline, [&] { return read_once(work, deadline); });
}

base::Result<void> PostgresDatabase::write(const Work& work, Clock::time_point deadline) {
    return repeat(deadline, [&] { return write_once(work, deadline); });
}

base::Result<std::unique_ptr<Database::Subscription>> PostgresDatabase::listen(
    std::string_view channel, std::function<void(std::string_view)> wake) {
    auto subscription = subscribers_.add(channel, std::move(wake));
    VMSECURITY_TRY(listener_.ensure(channel, Clock::now() + options_.connect_timeout));
    return subscription;
}

base::Result<void> PostgresDatabase::backup(const std::string& /*path*/) {
    return base::fail(ErrorCode::kUnsupported,
                      "PostgreSQL is backed up by its own tools: pg_dump or pg_basebackup");
}

base::Result<void> PostgresDatabase::ping(Clock::time_point deadline) {
    const Work trivial = [](Connection& connection) {
        return connection.query("SELECT 1", {}, [](const Row&) { return true; });
    };
    // Once more, because an idle connection may be a stale one; no waiting for a server that is
    // gone.
    Outcome outcome = read_once(trivial, deadline);
    if (outcome.again == Again::kLost) outcome = read_once(trivial, deadline);
    return std::move(outcome.result);
}

}  // namespace

base::Result<std::unique_ptr<Database>> open(Options options) {
    VMSECURITY_TRY(connection_parameters(options));
    const auto deadline = Clock::now() + options.connect_timeout;
    auto database = std::make_unique<PostgresDatabase>(std::move(options));
    VMSECURITY_TRY(database->ping(deadline));
    return database;
}

}  // namespace vmsecurity::sql::postgres
