#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "model/api/tables.h"
#include "model/schema/canonical.h"
#include "model/schema/time.h"
#include "sql/migration.h"
#include "sql/query.h"
#include "store/findings/migrations/migrations.h"
#include "store/findings_store.h"
#include "store/migrations/migrations.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store {

inline std::string time_text(std::int64_t time) {
    return model::schema::format_time(model::schema::from_nanoseconds(time));
}

inline const auto kDialects = ::testing::Values(sql::Dialect::kSqlite, sql::Dialect::kPostgres);
inline std::string dialect_name(const ::testing::TestParamInfo<sql::Dialect>& info) {
    return info.param == sql::Dialect::kSqlite ? "Sqlite" : "Postgres";
}

// An empty database with the store's schema, for one test, of each dialect.
class FindingsTest : public ::testing::TestWithParam<sql::Dialect> {
  protected:
    void SetUp() override {
        std::string why;
        test_database_ = testing::TestDatabase::make(GetParam(), why);
        if (!test_database_) GTEST_SKIP() << why;
        database_ = test_database_->open();
        ASSERT_TRUE(database_);
        const auto migrated = sql::migrate(*database_, migrations(GetParam()), soon());
        ASSERT_TRUE(migrated) << migrated.error().describe();
    }

    static std::chrono::steady_clock::time_point soon() {
        return std::chrono::steady_clock::now() + std::chrono::seconds(60);
    }

    void write(const sql::Database::Work& work) {
        const auto result = database_->write(work, soon());
        ASSERT_TRUE(result) << result.error().describe();
    }
    void run(std::string_view script) {
        write([&](sql::Connection& connection) { return connection.execute_script(script); });
    }
    template <typename Visit>
    void query(std::string_view text, const Visit& visit) {
        const auto result = database_->read(
            [&](sql::Connection& connection) {
                return connection.query(text, {}, [&](const sql::Row& row) {
                    visit(row);
                    return true;
                });
            },
            soon());
        ASSERT_TRUE(result) << result.error().describe();
    }
    // The first `columns` columns of every row, a row a line.
    std::string table(std::string_view text, int columns) {
        std::string lines;
        query(text, [&](const sql::Row& row) {
            for (int i = 0; i < columns; ++i) {
                lines += row.is_null(i) ? "NULL" : std::string(row.text(i));
                lines += i + 1 == columns ? '\n' : '|';
            }
        });
        return lines;
    }

    void clear() {
        for (const std::string_view name :
             {"finding_rows", "finding_observations", "asset_scan_reconciliations", "finding_names",
              "finding_totals", "finding_hour_counts", "finding_impact_counts", "assets"}) {
            run("DELETE FROM " + std::string(name));
        }
    }

    // What is counted, without counts of nothing. Samples may differ.
    std::string counts() {
        return table(
                   "SELECT finding_type, severity, active, total FROM finding_totals "
                   "WHERE active <> 0 OR total <> 0 ORDER BY 1, 2",
                   4) +
               table(
                   "SELECT finding_type, severity, hour, added, invalidated "
                   "FROM finding_hour_counts WHERE added <> 0 OR invalidated <> 0 "
                   "ORDER BY 1, 2, 3",
                   5) +
               table(
                   "SELECT finding_type, severity, impact, affected_assets "
                   "FROM finding_impact_counts ORDER BY 1, 2, 3",
                   4);
    }
    std::string recounted() {
        write([](sql::Connection& connection) { return recount_findings(connection); });
        return counts();
    }
    std::string everything() {
        return counts() +
               table("SELECT row_id, id, revision, document FROM findings ORDER BY 1", 4) +
               table(
                   "SELECT asset_id, finding_type, observed_on, observations "
                   "FROM finding_observations ORDER BY 1, 2",
                   4) +
               table(
                   "SELECT asset_scan_id, finding_type, observed_on, coverage "
                   "FROM asset_scan_reconciliations ORDER BY 1, 2",
                   4) +
               table("SELECT field, value FROM finding_names ORDER BY 1, 2", 2);
    }

    std::int64_t valid_at(findings::FindingType type, std::int64_t time) {
        std::int64_t count = -1;
        const auto result = database_->read(
            [&](sql::Connection& connection) -> base::Result<void> {
                const std::vector<std::int64_t> times = {time};
                VMSECURITY_ASSIGN(const auto counts, findings_at(connection, type, times));
                count = counts.front();
                return {};
            },
            soon());
        EXPECT_TRUE(result) << result.error().describe();
        return count;
    }
    std::int64_t counted_at(std::int64_t time) {
        const std::string at = std::to_string(time);
        return std::stoll(table("SELECT count(*) FROM finding_rows WHERE found_on <= " + at +
                                    " AND (invalidated_on IS NULL OR invalidated_on > " + at + ")",
                                1));
    }

    sql::Database& database() { return *database_; }

  private:
    std::unique_ptr<testing::TestDatabase> test_database_;
    std::shared_ptr<sql::Database> database_;
};

}  // namespace vmsecurity::store
