#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "sql/postgres/database.h"
#include "sql/query.h"
#include "sql/testing/postgres_server.h"

namespace vmsecurity::sql::postgres {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point soon() {
    return Clock::now() + std::chrono::seconds(60);
}

// A server that these tests stop; it syncs, because it also crashes.
class RestartTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string why;
        if (!server_.start(why)) GTEST_SKIP() << why;
        const std::string connection = server_.create_database();
        auto opened = postgres::open({.connection = connection});
        ASSERT_TRUE(opened) << opened.error().describe();
        database_ = std::move(*opened);
        ASSERT_TRUE(write("CREATE TABLE t (id bigint PRIMARY KEY)"));
    }

    base::Result<void> write(std::string_view text, std::vector<Value> parameters = {}) {
        return database_->write(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_TRY(connection.execute(text, parameters));
                return {};
            },
            soon());
    }
    std::int64_t count() {
        std::optional<std::int64_t> rows;
        const auto result = database_->read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_ASSIGN(rows,
                                  query_value<std::int64_t>(connection, "SELECT count(*) FROM t"));
                return {};
            },
            soon());
        EXPECT_TRUE(result) << result.error().describe();
        return rows.value_or(-1);
    }
    void start() {
        std::string why;
        ASSERT_TRUE(server_.start(why)) << why;
    }

    testing::PostgresServer server_{"-c fsync=on"};
    std::unique_ptr<Database> database_;
};

TEST_F(RestartTest, PooledConnectionsSurviveARestart) {
    ASSERT_TRUE(write("INSERT INTO t VALUES (1)"));
    ASSERT_EQ(count(), 1);
    ASSERT_TRUE(server_.stop("fast"));
    const auto ping = database_->ping(soon());
    ASSERT_FALSE(ping);
    EXPECT_EQ(ping.error().code, base::ErrorCode::kUnavailable);
    start();
    EXPECT_TRUE(database_->ping(soon()));
    EXPECT_EQ(count(), 1);
    EXPECT_TRUE(write("INSERT INTO t VALUES (2)"));
    EXPECT_EQ(count(), 2);
}

TEST_F(RestartTest, ACrashKeepsAcknowledgedWritesAndWritersGoOn) {
    std::atomic<std::int64_t> next = 0;
    std::atomic<bool> done = false;
    std::mutex mutex;
    std::vector<std::int64_t> acknowledged;
    std::vector<std::thread> writers;
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&] {
            while (!done) {
                const std::int64_t id = ++next;
                const auto result = write("INSERT INTO t VALUES ($1)", bind(id));
                if (!result) {
                    EXPECT_EQ(result.error().code, base::ErrorCode::kUnavailable)
                        << result.error().describe();
                    continue;
                }
                const std::scoped_lock lock(mutex);
                acknowledged.push_back(id);
            }
        });
    }
    const auto wait_for = [&](std::size_t more) {
        for (std::size_t from = 0;;) {
            std::this_thread::yield();
            const std::scoped_lock lock(mutex);
            if (from == 0) from = acknowledged.size() + more;
            if (acknowledged.size() >= from) return;
        }
    };
    for (int round = 0; round < 2; ++round) {
        wait_for(50);
        EXPECT_TRUE(server_.stop("immediate"));
        start();
        wait_for(50);
    }
    done = true;
    for (auto& writer : writers) writer.join();
    std::int64_t present = 0;
    for (const auto id : acknowledged) {
        ASSERT_TRUE(database_->read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_ASSIGN(const auto found,
                                  query_value<std::int64_t>(
                                      connection, "SELECT id FROM t WHERE id = $1", bind(id)));
                present += found ? 1 : 0;
                return {};
            },
            soon()));
    }
    EXPECT_EQ(present, static_cast<std::int64_t>(acknowledged.size()));
}

TEST_F(RestartTest, ListenersAreWokenOnceTheServerIsBack) {
    std::mutex mutex;
    std::condition_variable woken;
    std::vector<std::string> payloads;
    const auto subscription = database_->listen("changes", [&](std::string_view payload) {
        const std::scoped_lock lock(mutex);
        payloads.emplace_back(payload);
        woken.notify_all();
    });
    ASSERT_TRUE(subscription) << subscription.error().describe();
    ASSERT_TRUE(server_.stop("fast"));
    start();
    {
        std::unique_lock lock(mutex);
        ASSERT_TRUE(woken.wait_until(lock, soon(), [&] { return !payloads.empty(); }));
        EXPECT_EQ(payloads.front(), "");
    }
    ASSERT_TRUE(database_->write(
        [](Connection& connection) { return connection.notify("changes", "7"); }, soon()));
    std::unique_lock lock(mutex);
    EXPECT_TRUE(woken.wait_until(lock, soon(), [&] { return payloads.back() == "7"; }));
}

TEST(ConnectionString, NeverShowsThePassword) {
    for (const char* connection : {"password=hunter2 oops", "password=hunter2 nonsense=1",
                                   "postgresql://me:hunter2@[oops/db"}) {
        const auto opened = postgres::open({.connection = connection});
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().describe().find("hunter2"), std::string::npos);
    }
    const auto refused =
        postgres::open({.connection = "host=/nonexistent user=me password=hunter2 dbname=d"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
    EXPECT_EQ(refused.error().describe().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace vmsecurity::sql::postgres
