#include "sql/sqlite/database.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "sql/query.h"
#include "sql/testing/temporary_folder.h"

namespace vmsecurity::sql::sqlite {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point soon() {
    return Clock::now() + std::chrono::seconds(60);
}

class SqliteDatabaseTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto opened = sqlite::open({.path = path()});
        ASSERT_TRUE(opened) << opened.error().describe();
        database_ = std::move(*opened);
        ASSERT_TRUE(write("CREATE TABLE t (id integer PRIMARY KEY, name text)"));
    }
    std::string path() const { return folder_.file("test.db"); }
    base::Result<void> write(std::string_view text, std::vector<Value> parameters = {}) {
        return database_->write(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_TRY(connection.execute(text, parameters));
                return {};
            },
            soon());
    }
    static std::string value(Database& database, std::string_view text) {
        std::optional<std::string> value;
        const auto result = database.read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_ASSIGN(value, query_value<std::string>(connection, text));
                return {};
            },
            soon());
        EXPECT_TRUE(result) << result.error().describe();
        return value.value_or("");
    }

    sql::testing::TemporaryFolder folder_;
    std::unique_ptr<Database> database_;
};

TEST_F(SqliteDatabaseTest, ASecondServerIsRefusedAndToldWhy) {
    const auto second = sqlite::open({.path = path()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, base::ErrorCode::kUnavailable);
    EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())),
              std::string::npos)
        << second.error().message;
    database_.reset();
    EXPECT_TRUE(sqlite::open({.path = path()}));
}

TEST_F(SqliteDatabaseTest, AReaderMayStandBesideTheServer) {
    const auto reader = sqlite::open({.path = path(), .read_only = true});
    ASSERT_TRUE(reader) << reader.error().describe();
    ASSERT_TRUE(write("INSERT INTO t VALUES (1, 'a')"));
    EXPECT_EQ(value(**reader, "SELECT name FROM t"), "a");
    const auto written = (*reader)->write([](Connection&) { return base::Result<void>(); }, soon());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, base::ErrorCode::kPermissionDenied);
}

TEST_F(SqliteDatabaseTest, FilesAreTheirOwnersAlone) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
        struct stat status{};
        ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0077, 0U) << entry.path();
    }
}

TEST_F(SqliteDatabaseTest, ABackupIsOneMomentOfABusyDatabase) {
    std::atomic<bool> done = false;
    std::atomic<std::int64_t> written = 0;
    std::thread writer([&] {
        // Two rows a transaction: a copy with an odd number of them is not of one moment.
        while (!done) {
            const std::int64_t id = written * 2;
            const auto result = write("INSERT INTO t VALUES ($1, $3), ($2, $3)",
                                      sql::bind(id, id + 1, std::string(2000, 'x')));
            EXPECT_TRUE(result) << result.error().describe();
            ++written;
        }
    });
    while (written < 50) std::this_thread::yield();
    const std::string copy = folder_.file("backup.db");
    const auto result = database_->backup(copy);
    const std::int64_t before = written;
    while (written < before + 10) std::this_thread::yield();
    done = true;
    writer.join();
    ASSERT_TRUE(result) << result.error().describe();
    const auto again = database_->backup(copy);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, base::ErrorCode::kInvalidArgument);

    const auto opened = sqlite::open({.path = copy});
    ASSERT_TRUE(opened) << opened.error().describe();
    EXPECT_EQ(value(**opened, "PRAGMA integrity_check"), "ok");
    const auto rows = std::stoll(value(**opened, "SELECT count(*) FROM t"));
    EXPECT_GE(rows, 100);
    EXPECT_EQ(rows % 2, 0);
    EXPECT_FALSE(std::filesystem::exists(copy + ".partial"));
}

TEST_F(SqliteDatabaseTest, AFileThatIsNoDatabaseIsCorrupt) {
    const std::string other = folder_.file("other.db");
    std::ofstream(other) << std::string(8192, 'x');
    const auto opened = sqlite::open({.path = other});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, base::ErrorCode::kCorrupt) << opened.error().describe();
}

// The log does not grow for ever: it is copied into the database when nothing waits.
TEST_F(SqliteDatabaseTest, TheLogStaysShort) {
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(database_->write_large(
            [&](Connection& connection) -> base::Result<void> {
                for (int i = 0; i < 1500; ++i) {
                    VMSECURITY_TRY(connection.execute("INSERT INTO t (name) VALUES ($1)",
                                                      sql::bind(std::string(3000, 'x'))));
                }
                return {};
            },
            soon()));
    }
    EXPECT_LT(std::filesystem::file_size(path() + "-wal"), 64U << 20);
    EXPECT_GT(std::filesystem::file_size(path()), 20U << 20);
}

TEST_F(SqliteDatabaseTest, WhatWaitsIsAnsweredAtItsDeadline) {
    std::atomic<bool> running = false;
    std::atomic<bool> go = false;
    std::thread first([&] {
        EXPECT_TRUE(database_->write(
            [&](Connection&) {
                running = true;
                while (!go) std::this_thread::yield();
                return base::Result<void>();
            },
            soon()));
    });
    while (!running) std::this_thread::yield();
    const auto late = database_->write([](Connection&) { return base::Result<void>(); },
                                       Clock::now() + std::chrono::milliseconds(20));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, base::ErrorCode::kUnavailable);
    go = true;
    first.join();
}

}  // namespace
}  // namespace vmsecurity::sql::sqlite
