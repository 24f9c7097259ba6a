#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sql/database.h"
#include "sql/query.h"

namespace vmsecurity::sql::contract {

using Clock = std::chrono::steady_clock;

inline Clock::time_point soon() {
    return Clock::now() + std::chrono::seconds(60);
}

// An empty database of one of the drivers, for one test.
class Fixture {
  public:
    virtual ~Fixture() = default;
    virtual std::unique_ptr<Database> open() = 0;  // again: the same database
};

// Null if the driver cannot be tested here; `why` says so.
std::unique_ptr<Fixture> make_fixture(Dialect dialect, std::string& why);

// A test that runs once with each driver.
class DriverTest : public ::testing::TestWithParam<Dialect> {
  protected:
    void SetUp() override {
        std::string why;
        fixture_ = make_fixture(GetParam(), why);
        if (!fixture_) GTEST_SKIP() << why;
        database_ = fixture_->open();
        ASSERT_TRUE(database_);
    }

    bool is_sqlite() const { return GetParam() == Dialect::kSqlite; }
    Fixture& fixture() { return *fixture_; }
    Database& database() { return *database_; }
    void close() { database_.reset(); }
    void reopen() {
        close();
        database_ = fixture_->open();
    }

    base::Result<void> write(const Database::Work& work) { return database_->write(work, soon()); }
    // Statements of the test's own making must succeed.
    void run(std::string_view script) {
        const auto result =
            write([&](Connection& connection) { return connection.execute_script(script); });
        ASSERT_TRUE(result) << result.error().describe();
    }
    std::int64_t number(std::string_view text) {
        std::optional<std::int64_t> value;
        const auto result = database_->read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_ASSIGN(value, query_value<std::int64_t>(connection, text));
                return {};
            },
            soon());
        EXPECT_TRUE(result) << result.error().describe();
        return value.value_or(-1);
    }

  private:
    std::unique_ptr<Fixture> fixture_;
    std::unique_ptr<Database> database_;
};

std::string name_of(const ::testing::TestParamInfo<Dialect>& info);

}  // namespace vmsecurity::sql::contract

// Runs the tests of `Suite`, a class derived from DriverTest, with every driver.
#define VMSECURITY_FOR_EACH_DRIVER(Suite)                                              \
    INSTANTIATE_TEST_SUITE_P(Drivers, Suite,                                           \
                             ::testing::Values(::vmsecurity::sql::Dialect::kSqlite,    \
                                               ::vmsecurity::sql::Dialect::kPostgres), \
                             ::vmsecurity::sql::contract::name_of)
