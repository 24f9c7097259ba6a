#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sql/contract/test_support.h"

namespace vmsecurity::sql::contract {
namespace {

using base::ErrorCode;

// Runs forever in both databases.
constexpr std::string_view kEndless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

class TransactionsTest : public DriverTest {
  protected:
    void SetUp() override {
        DriverTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        run("CREATE TABLE t (id bigint PRIMARY KEY, name text, value bigint NOT NULL DEFAULT 0);"
            "CREATE UNIQUE INDEX t_name ON t (name, value);"
            "CREATE UNIQUE INDEX t_lower ON t (lower(name))");
    }
    static base::Result<void> insert(Connection& connection, std::int64_t id, Value name = {}) {
        VMSECURITY_TRY(connection.execute("INSERT INTO t (id, name) VALUES ($1, $2)",
                                          bind(id, std::move(name))));
        return {};
    }
};
VMSECURITY_FOR_EACH_DRIVER(TransactionsTest);

TEST_P(TransactionsTest, WritesStayAfterReopening) {
    ASSERT_TRUE(write([&](Connection& connection) { return insert(connection, 1); }));
    reopen();
    EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
}

TEST_P(TransactionsTest, LargeWorkMayComeRightBehindWorkThatFails) {
    for (std::int64_t i = 0; i < 100; ++i) {
        ASSERT_FALSE(write([&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(insert(connection, 1000));
            return base::fail(ErrorCode::kCancelled, "no");
        }));
        const auto done = database().write_large(
            [&](Connection& connection) { return insert(connection, i); }, soon());
        ASSERT_TRUE(done) << done.error().describe();
    }
    EXPECT_EQ(number("SELECT count(*) FROM t"), 100);
}

TEST_P(TransactionsTest, AnErrorOfTheWorkRollsBackAndIsTheAnswer) {
    const auto result = write([&](Connection& connection) -> base::Result<void> {
        VMSECURITY_TRY(insert(connection, 1));
        return base::fail(ErrorCode::kNotFound, "no such asset");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "no such asset");
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
}

TEST_P(TransactionsTest, WorkCannotGoOnAfterAFailedStatement) {
    const auto result = write([&](Connection& connection) -> base::Result<void> {
        VMSECURITY_TRY(insert(connection, 1));
        EXPECT_FALSE(insert(connection, 1));
        EXPECT_FALSE(insert(connection, 2));
        return {};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().where, "unique:t.id");
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
}

TEST_P(TransactionsTest, AnExceptionOfTheWorkRollsBack) {
    const auto result = write([&](Connection& connection) -> base::Result<void> {
        VMSECURITY_TRY(insert(connection, 1));
        throw std::runtime_error("broken");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInternal);
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
    ASSERT_TRUE(write([&](Connection& connection) { return insert(connection, 1); }));
}

TEST_P(TransactionsTest, ReadsCannotWrite) {
    const auto result =
        database().read([&](Connection& connection) { return insert(connection, 1); }, soon());
    ASSERT_FALSE(result);
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
}

TEST_P(TransactionsTest, AReadSeesOneMoment) {
    ASSERT_TRUE(database().read(
        [&](Connection& connection) -> base::Result<void> {
            const auto count = [&] {
                return query_value<std::int64_t>(connection, "SELECT count(*) FROM t").value();
            };
            EXPECT_EQ(count(), 0);
            EXPECT_TRUE(write([&](Connection& other) { return insert(other, 1); }));
            EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
            EXPECT_EQ(count(), 0);
            return {};
        },
        soon()));
}

TEST_P(TransactionsTest, UniqueIndexesNameTheirColumns) {
    ASSERT_TRUE(write([&](Connection& connection) { return insert(connection, 1, "a"); }));
    const auto where_of = [&](std::string_view text) {
        const auto result = write([&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(connection.execute(text));
            return {};
        });
        EXPECT_FALSE(result);
        EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
        return result ? std::string() : result.error().where;
    };
    EXPECT_EQ(where_of("INSERT INTO t (id, name) VALUES (1, 'b')"), "unique:t.id");
    EXPECT_EQ(where_of("INSERT INTO t (id, name) VALUES (2, 'A')"), "unique:t_lower");
    run("DROP INDEX t_lower");
    EXPECT_EQ(where_of("INSERT INTO t (id, name) VALUES (2, 'a')"), "unique:t.name,value");
    EXPECT_TRUE(where_of("INSERT INTO t (id, value) VALUES (2, NULL)").starts_with("constraint:"));
    EXPECT_EQ(number("SELECT count(*) FROM t"), 1);
}

TEST_P(TransactionsTest, OurMistakesAreInternalErrors) {
    for (const char* text : {"SELEC 1", "SELECT * FROM nothing", "SELECT $1::bigint"}) {
        const auto result = database().read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_TRY(connection.execute(text));
                return {};
            },
            soon());
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, ErrorCode::kInternal) << text;
    }
    EXPECT_TRUE(database().ping(soon()));
}

TEST_P(TransactionsTest, TheDeadlineEndsAStatement) {
    const auto read = database().read(
        [&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(connection.execute(kEndless));
            return {};
        },
        Clock::now() + std::chrono::milliseconds(50));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kCancelled) << read.error().describe();
    const auto written = database().write(
        [&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(insert(connection, 1));
            const std::string text = "INSERT INTO t (id) " + std::string(kEndless);
            VMSECURITY_TRY(connection.execute(text));
            return {};
        },
        Clock::now() + std::chrono::milliseconds(50));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::kCancelled) << written.error().describe();
    EXPECT_EQ(number("SELECT count(*) FROM t"), 0);
    EXPECT_TRUE(write([&](Connection& connection) { return insert(connection, 1); }));
}

TEST_P(TransactionsTest, WorkThatFailsAmongOthersFailsAlone) {
    constexpr int kThreads = 24;
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 10; ++round) {
                const bool fails = (i + round) % 3 == 0;
                const bool runs_away = fails && round == 4;
                const auto deadline =
                    runs_away ? Clock::now() + std::chrono::milliseconds(30) : soon();
                const auto result = database().write(
                    [&](Connection& connection) -> base::Result<void> {
                        VMSECURITY_TRY(insert(connection, (i * 10) + round));
                        if (runs_away) VMSECURITY_TRY(connection.execute(kEndless));
                        if (fails) return base::fail(ErrorCode::kOutOfScope, "changed my mind");
                        return {};
                    },
                    deadline);
                EXPECT_EQ(result.has_value(), !fails) << (result ? "" : result.error().describe());
                succeeded += result ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(succeeded, kThreads * 10 * 2 / 3);
    EXPECT_EQ(number("SELECT count(*) FROM t"), succeeded);
}

// Compare and swap, as If-Match does: read in one transaction, write in another.
TEST_P(TransactionsTest, ConcurrentWritersLoseNoUpdate) {
    constexpr int kWriters = 32;
    constexpr int kIncrements = 8;
    ASSERT_TRUE(write([&](Connection& connection) { return insert(connection, 1); }));
    std::vector<std::thread> threads;
    for (int i = 0; i < kWriters; ++i) {
        threads.emplace_back([&] {
            for (int done = 0; done < kIncrements;) {
                const std::int64_t seen = number("SELECT value FROM t WHERE id = 1");
                std::uint64_t changed = 0;
                const auto result = write([&](Connection& connection) -> base::Result<void> {
                    VMSECURITY_ASSIGN(
                        changed,
                        connection.execute("UPDATE t SET value = $1 WHERE id = 1 AND value = $2",
                                           bind(seen + 1, seen)));
                    return {};
                });
                ASSERT_TRUE(result) << result.error().describe();
                done += static_cast<int>(changed);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(number("SELECT value FROM t WHERE id = 1"), kWriters * kIncrements);
}

// Deadlocks (PostgreSQL) are run again, not answered.
TEST_P(TransactionsTest, WritersThatLockInOppositeOrderBothSucceed) {
    run("INSERT INTO t (id) VALUES (1), (2)");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 5; ++round) {
                const auto result = write([&](Connection& connection) -> base::Result<void> {
                    for (const int id : {1 + (i % 2), 2 - (i % 2)}) {
                        VMSECURITY_TRY(connection.execute(
                            "UPDATE t SET value = value + 1 WHERE id = $1", bind(id)));
                    }
                    return {};
                });
                EXPECT_TRUE(result) << result.error().describe();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(number("SELECT sum(value) FROM t"), 40);
}

TEST_P(TransactionsTest, LargeWorkAndSmallWorkBothGetTheirTurn) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] {
            for (int round = 0; round < 20; ++round) {
                const Database::Work work = [&](Connection& connection) {
                    return insert(connection, (i * 20) + round);
                };
                const auto result = i < 2 ? database().write_large(work, soon()) : write(work);
                EXPECT_TRUE(result) << result.error().describe();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(number("SELECT count(*) FROM t"), 120);
}

// More callers than connections.
TEST_P(TransactionsTest, ReadersWaitForAConnection) {
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 32; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                succeeded += number("SELECT count(*) FROM t") == 0 ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(succeeded, 640);
}

}  // namespace
}  // namespace vmsecurity::sql::contract
