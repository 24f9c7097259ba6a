#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "sql/query.h"
#include "sql/sqlite/database.h"
#include "sql/sqlite/testing/volatile_disk.h"
#include "sql/testing/temporary_folder.h"

namespace vmsecurity::sql::sqlite {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point soon() {
    return Clock::now() + std::chrono::seconds(60);
}

class DurabilityTest : public ::testing::Test {
  protected:
    std::unique_ptr<Database> open() {
        auto opened = sqlite::open({.path = folder_.file("test.db"), .vfs = disk_.vfs()});
        EXPECT_TRUE(opened) << opened.error().describe();
        return opened ? std::move(*opened) : nullptr;
    }

    static base::Result<void> insert(Connection& connection, std::int64_t id) {
        // Long enough to fill pages, so that a commit is many writes.
        VMSECURITY_TRY(
            connection.execute("INSERT INTO t (id, name, text) VALUES ($1, $2, $3)",
                               bind(id, std::to_string(id * 7919), std::string(700, 'x'))));
        return {};
    }

    static void create(Database& database) {
        const auto result = database.write(
            [](Connection& connection) {
                return connection.execute_script(
                    "CREATE TABLE t (id integer PRIMARY KEY, name text, text text);"
                    "CREATE UNIQUE INDEX t_name ON t (name)");
            },
            soon());
        ASSERT_TRUE(result) << result.error().describe();
    }

    template <typename T>
    static T value(Database& database, std::string_view text) {
        std::optional<T> value;
        const auto result = database.read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_ASSIGN(value, query_value<T>(connection, text));
                return {};
            },
            soon());
        EXPECT_TRUE(result) << result.error().describe();
        return value.value_or(T{});
    }

    // Writers write until the power fails after `writes` answers; the answer is what was
    // acknowledged.
    std::set<std::int64_t> write_until_power_fails(Database& database, int writes,
                                                   std::uint64_t seed) {
        std::set<std::int64_t> acknowledged;
        std::mutex mutex;
        std::atomic<std::int64_t> next = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([&] {
                for (;;) {
                    const std::int64_t id = first_id_ + next++;
                    const Database::Work work = [&](Connection& connection) {
                        return insert(connection, id);
                    };
                    const auto result = id % 5 == 0 ? database.write_large(work, soon())
                                                    : database.write(work, soon());
                    if (!result) return;  // the power is off
                    const std::scoped_lock lock(mutex);
                    acknowledged.insert(id);
                    if (static_cast<int>(acknowledged.size()) == writes) disk_.cut_power(seed);
                }
            });
        }
        for (auto& thread : threads) thread.join();
        first_id_ += next;
        return acknowledged;
    }

    static std::int64_t missing(Database& database, const std::set<std::int64_t>& acknowledged) {
        std::int64_t count = 0;
        const auto result = database.read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_ASSIGN(const auto ids,
                                  query_column<std::int64_t>(connection, "SELECT id FROM t"));
                const std::set<std::int64_t> present(ids.begin(), ids.end());
                for (const auto id : acknowledged) count += present.contains(id) ? 0 : 1;
                return {};
            },
            soon());
        EXPECT_TRUE(result) << result.error().describe();
        return count;
    }

    sql::testing::TemporaryFolder folder_;
    testing::VolatileDisk disk_;
    std::int64_t first_id_ = 1;
};

TEST_F(DurabilityTest, PowerLossKeepsEveryAcknowledgedWrite) {
    std::mt19937 random(20240131);  // the same points in every run
    std::set<std::int64_t> acknowledged;
    auto database = open();
    ASSERT_TRUE(database);
    create(*database);
    for (int round = 0; round < 20; ++round) {
        const int writes = 1 + static_cast<int>(random() % 400);
        acknowledged.merge(write_until_power_fails(*database, writes, random()));
        database.reset();
        disk_.restore_power();
        database = open();
        ASSERT_TRUE(database);
        ASSERT_EQ(value<std::string>(*database, "PRAGMA integrity_check"), "ok") << round;
        ASSERT_EQ(missing(*database, acknowledged), 0) << round;
    }
    EXPECT_GT(acknowledged.size(), 1000U);
}

// That the test above can fail.
TEST_F(DurabilityTest, ADiskThatLiesAboutSyncsLosesWrites) {
    auto database = open();
    ASSERT_TRUE(database);
    create(*database);
    disk_.ignore_syncs();
    const auto acknowledged = write_until_power_fails(*database, 100, 1);
    database.reset();
    disk_.restore_power();
    database = open();
    ASSERT_TRUE(database);
    EXPECT_GT(missing(*database, acknowledged), 0);
}

TEST_F(DurabilityTest, WritersShareSyncs) {
    constexpr int kThreads = 16;
    constexpr int kWrites = 20;
    auto database = open();
    ASSERT_TRUE(database);
    create(*database);
    // While one piece of work runs, all others queue up behind it.
    const std::uint64_t before = disk_.syncs();
    std::atomic<int> started = 0;
    std::vector<std::thread> threads;
    ASSERT_TRUE(database->write(
        [&](Connection& connection) {
            for (int i = 0; i < kThreads; ++i) {
                threads.emplace_back([&, i] {
                    for (int round = 0; round < kWrites; ++round) {
                        ++started;
                        const auto result = database->write(
                            [&](Connection& other) {
                                return insert(other, 1 + (i * kWrites) + round);
                            },
                            soon());
                        EXPECT_TRUE(result) << result.error().describe();
                    }
                });
            }
            while (started < kThreads) std::this_thread::yield();
            return insert(connection, 0);
        },
        soon()));
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(value<std::int64_t>(*database, "SELECT count(*) FROM t"), (kThreads * kWrites) + 1);
    EXPECT_LT(disk_.syncs() - before, kThreads * kWrites / 2);
}

TEST_F(DurabilityTest, AFullDiskIsAnAnswerAndLeavesNothingHalf) {
    auto database = open();
    ASSERT_TRUE(database);
    create(*database);
    ASSERT_TRUE(database->write([](Connection& c) { return insert(c, 1); }, soon()));
    disk_.set_full(true);
    for (int i = 0; i < 3; ++i) {
        const auto small = database->write([&](Connection& c) { return insert(c, 2); }, soon());
        ASSERT_FALSE(small);
        EXPECT_EQ(small.error().code, base::ErrorCode::kUnavailable) << small.error().describe();
        // More than the writer's cache, so that pages spill before COMMIT.
        const auto large = database->write_large(
            [&](Connection& c) -> base::Result<void> {
                for (std::int64_t id = 10; id < 60'000; ++id) VMSECURITY_TRY(insert(c, id));
                return {};
            },
            soon());
        ASSERT_FALSE(large);
        EXPECT_EQ(large.error().code, base::ErrorCode::kUnavailable) << large.error().describe();
    }
    EXPECT_EQ(value<std::int64_t>(*database, "SELECT count(*) FROM t"), 1);
    disk_.set_full(false);
    EXPECT_TRUE(database->write([](Connection& c) { return insert(c, 2); }, soon()));
    EXPECT_EQ(value<std::int64_t>(*database, "SELECT count(*) FROM t"), 2);
    EXPECT_EQ(value<std::string>(*database, "PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace vmsecurity::sql::sqlite
