#include "store/testing/store_fixture.h"

#include <fmt/format.h>

#include "sql/query.h"

namespace vmsecurity::store::testing {

std::string name_of(sql::Dialect dialect) {
    return dialect == sql::Dialect::kSqlite ? "Sqlite" : "Postgres";
}

void StoreTest::SetUp() {
    std::string why;
    test_database_ = TestDatabase::make(GetParam(), why);
    if (!test_database_) GTEST_SKIP() << why;
    open_store();
}

void StoreTest::open_store(StoreOptions options) {
    store_.reset();
    database_.reset();
    database_ = test_database_->open();
    ASSERT_TRUE(database_);
    auto store = Store::open(database_, options);
    ASSERT_TRUE(store) << store.error().describe();
    store_ = *std::move(store);
}

void StoreTest::write(const std::function<base::Result<void>(Transaction&)>& work) {
    const auto result = store_->write(work, soon());
    ASSERT_TRUE(result) << result.error().describe();
}

void StoreTest::insert(const model::schema::Collection& collection, std::string_view id,
                       std::string_view document, std::optional<std::string> unique_key) {
    write([&](Transaction& transaction) {
        return transaction.insert(collection, {.id = std::string(id),
                                               .revision = 1,
                                               .unique_key = unique_key,
                                               .document = json_object(document)});
    });
}

void StoreTest::remove(const model::schema::Collection& collection, std::string_view id) {
    write([&](Transaction& transaction) -> base::Result<void> {
        VMSECURITY_ASSIGN(const bool removed, transaction.remove(collection, id));
        EXPECT_TRUE(removed);
        return {};
    });
}

void StoreTest::run(std::string_view script) {
    const auto result = database_->write(
        [&](sql::Connection& connection) { return connection.execute_script(script); }, soon());
    ASSERT_TRUE(result) << result.error().describe();
}

std::int64_t StoreTest::number(std::string_view text) {
    std::optional<std::int64_t> value;
    const auto result = database_->read(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(value, sql::query_value<std::int64_t>(connection, text));
            return {};
        },
        soon());
    EXPECT_TRUE(result) << result.error().describe();
    return value.value_or(-1);
}

boost::json::object json_object(std::string_view text) {
    auto value = codec::parse_json(text);
    if (!value || !value->is_object()) {
        ADD_FAILURE() << "not a JSON object: " << text;
        return {};
    }
    return std::move(value->get_object());
}

std::string numbered(std::string_view name, std::int64_t number) {
    return fmt::format("{}-{:04}", name, number);
}

}  // namespace vmsecurity::store::testing
