#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "sql/database.h"
#include "store/store.h"

namespace vmsecurity::store::testing {

inline Deadline soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

// An empty database of one kind, for one test.
class TestDatabase {
  public:
    // Null if there is none of this kind here; `why` says so.
    static std::unique_ptr<TestDatabase> make(sql::Dialect dialect, std::string& why);
    virtual ~TestDatabase() = default;
    virtual std::shared_ptr<sql::Database> open() = 0;  // again: the same database
};

std::string name_of(sql::Dialect dialect);

// A test that runs once over each kind of database.
class StoreTest : public ::testing::TestWithParam<sql::Dialect> {
  protected:
    void SetUp() override;
    void open_store(StoreOptions options = {});

    Store& store() { return *store_; }
    sql::Database& database() { return *database_; }
    bool is_sqlite() const { return GetParam() == sql::Dialect::kSqlite; }

    // What tests do to set the stage must succeed.
    void write(const std::function<base::Result<void>(Transaction&)>& work);
    void insert(const model::schema::Collection& collection, std::string_view id,
                std::string_view document, std::optional<std::string> unique_key = std::nullopt);
    void remove(const model::schema::Collection& collection, std::string_view id);
    void run(std::string_view script);
    std::int64_t number(std::string_view text);  // the first column of the first row

    std::unique_ptr<TestDatabase> test_database_;
    std::shared_ptr<sql::Database> database_;
    std::unique_ptr<Store> store_;
};

boost::json::object json_object(std::string_view text);
// "asset-0042", so that ids sort as they were made.
std::string numbered(std::string_view name, std::int64_t number);

}  // namespace vmsecurity::store::testing

#define VMSECURITY_STORE_SUITE(suite)                             \
    INSTANTIATE_TEST_SUITE_P(                                     \
        Databases, suite,                                         \
        ::testing::Values(::vmsecurity::sql::Dialect::kSqlite,    \
                          ::vmsecurity::sql::Dialect::kPostgres), \
        [](const auto& tested) { return ::vmsecurity::store::testing::name_of(tested.param); })
