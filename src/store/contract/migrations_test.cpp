#include "store/migrations/migrations.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "model/api/tables.h"
#include "sql/query.h"
#include "store/collection_sql.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store::testing {
namespace {

using model::schema::Collection;
using model::schema::HotColumn;

class StoreMigrations : public StoreTest {
  protected:
    void SetUp() override {
        std::string why;
        test_database_ = TestDatabase::make(GetParam(), why);
        if (!test_database_) GTEST_SKIP() << why;
        database_ = test_database_->open();
        ASSERT_TRUE(database_);
    }

    void migrate_to(int number) {
        const auto reached = sql::migrate(database(), migrations(GetParam()), soon(), number);
        ASSERT_TRUE(reached) << reached.error().describe();
        ASSERT_EQ(*reached, number);
    }

    // Name and type of each column of a table or view.
    std::map<std::string, std::string> columns_of(std::string_view table) {
        std::map<std::string, std::string> columns;
        const std::string_view text =
            is_sqlite() ? "SELECT name, lower(type) FROM pragma_table_info($1)"
                        : "SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute AS a "
                          "WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 "
                          "AND NOT a.attisdropped";
        const auto result = database().read(
            [&](sql::Connection& connection) {
                return connection.query(text, sql::bind(table), [&](const sql::Row& row) {
                    columns.emplace(row.text(0), row.text(1));
                    return true;
                });
            },
            soon());
        EXPECT_TRUE(result) << result.error().describe();
        return columns;
    }
};
VMSECURITY_STORE_SUITE(StoreMigrations);

// A column that api/openapi.yaml names and no migration adds (or the other way round) is told here.
TEST_P(StoreMigrations, MakeTheColumnsThatTheApiDescribes) {
    open_store();
    for (const Collection* collection : model::api::collections()) {
        SCOPED_TRACE(collection->table);
        const auto actual = columns_of(collection->table);
        if (actual.empty()) {
            ADD_FAILURE() << "there is no such table";
            continue;
        }
        std::set<std::string> expected = {"row_id", "id", "revision", "unique_key", "document"};
        for (const HotColumn& column : collection->columns) {
            expected.emplace(column.name);
            const auto found = actual.find(std::string(column.name));
            if (found == actual.end()) continue;  // told below
            // What a view of SQLite computes has no type.
            if (is_sqlite() && found->second.empty()) continue;
            EXPECT_EQ(found->second, sql_type(GetParam(), column.type)) << column.name;
        }
        std::set<std::string> names;
        for (const auto& [name, type] : actual) names.insert(name);
        EXPECT_EQ(names, expected);
    }
}

// Programs of each earlier version left objects behind; they are there after the last step.
TEST_P(StoreMigrations, KeepTheDataOfEveryEarlierVersion) {
    const int latest = static_cast<int>(migrations(GetParam()).size());
    for (int version = 1; version < latest; ++version) {
        SCOPED_TRACE(fmt::format("from version {}", version));
        database_.reset();
        std::string why;
        test_database_ = TestDatabase::make(GetParam(), why);
        database_ = test_database_->open();
        migrate_to(version);
        for (const Collection* collection : model::api::collections()) {
            if (columns_of(collection->table).empty() || collection->has_revision == false)
                continue;
            run(
                fmt::format("INSERT INTO {} (id, revision, unique_key, document) VALUES "
                            "('old', 4, 'key', '{{\"id\":\"old\",\"revision\":4}}')",
                            collection->table));
        }
        const bool records = version >= 2;
        if (records) {
            run("INSERT INTO leases (name, holder, fencing, acquired_on, expires_on, time_to_live) "
                "VALUES ('leader', 'one', 41, 0, 0, 0)");
        }
        open_store();
        for (const Collection* collection : model::api::collections()) {
            if (!collection->has_revision) continue;
            SCOPED_TRACE(collection->table);
            const auto item = store().get(*collection, "old", soon());
            ASSERT_TRUE(item) << item.error().describe();
            EXPECT_EQ(item->revision, 4);
            write([&](Transaction& transaction) -> base::Result<void> {
                VMSECURITY_ASSIGN(const auto found,
                                  transaction.find_by_unique_key(*collection, "key"));
                EXPECT_TRUE(found.has_value());
                return transaction.replace(*collection, {.id = "old", .revision = 5});
            });
        }
        if (records) {
            EXPECT_EQ(number("SELECT fencing FROM leases WHERE name = 'leader'"), 41);
        }
    }
}

TEST_P(StoreMigrations, RefuseTheDatabaseOfANewerProgram) {
    open_store();
    run("INSERT INTO schema_migrations (number, name, applied_on) VALUES (9999, 'future', 0)");
    store_.reset();
    const auto reopened = Store::open(database_);
    ASSERT_FALSE(reopened);
    EXPECT_EQ(reopened.error().code, base::ErrorCode::kUnsupported);
}

TEST_P(StoreMigrations, OpenTwiceChangesNothing) {
    open_store();
    const std::int64_t applied = number("SELECT count(*) FROM schema_migrations");
    open_store();
    EXPECT_EQ(number("SELECT count(*) FROM schema_migrations"), applied);
}

}  // namespace
}  // namespace vmsecurity::store::testing
