#include "sql/migration.h"

#include <array>
#include <atomic>
#include <thread>

#include "sql/contract/test_support.h"

namespace vmsecurity::sql::contract {
namespace {

class MigrationTest : public DriverTest {};
VMSECURITY_FOR_EACH_DRIVER(MigrationTest);

base::Result<void> fill(Connection& connection) {
    VMSECURITY_TRY(connection.execute("INSERT INTO things (id) VALUES ($1)", bind(7)));
    return {};
}

constexpr std::array<Migration, 3> kMigrations{{
    {.number = 1,
     .name = "things",
     .text = "CREATE TABLE things (id bigint); "
             "CREATE INDEX things_id ON things (id)"},
    {.number = 2, .name = "fill", .apply = fill},
    {.number = 3, .name = "names", .text = "ALTER TABLE things ADD COLUMN name text"},
}};

TEST_P(MigrationTest, BringsAnEmptyDatabaseToTheNewestSchema) {
    const auto at = migrate(database(), kMigrations, soon());
    ASSERT_TRUE(at) << at.error().describe();
    EXPECT_EQ(*at, 3);
    EXPECT_EQ(number("SELECT count(*) FROM things WHERE id = 7 AND name IS NULL"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM schema_migrations WHERE applied_on > 0"), 3);
    reopen();
    EXPECT_EQ(migrate(database(), kMigrations, soon()).value_or(0), 3);
    EXPECT_EQ(number("SELECT count(*) FROM things"), 1);
}

TEST_P(MigrationTest, GoesOnFromEveryOlderSchema) {
    for (int older = 0; older <= 3; ++older) {
        run("DROP TABLE IF EXISTS things; DROP TABLE IF EXISTS schema_migrations");
        ASSERT_EQ(migrate(database(), kMigrations, soon(), older).value_or(-1), older);
        ASSERT_EQ(migrate(database(), kMigrations, soon()).value_or(-1), 3) << older;
        EXPECT_EQ(number("SELECT count(*) FROM things WHERE name IS NULL"), 1) << older;
    }
}

TEST_P(MigrationTest, RefusesANewerDatabase) {
    ASSERT_TRUE(migrate(database(), kMigrations, soon()));
    const auto at = migrate(database(), std::span(kMigrations).first(2), soon());
    ASSERT_FALSE(at);
    EXPECT_EQ(at.error().code, base::ErrorCode::kUnsupported);
    EXPECT_NE(at.error().message.find("newer program"), std::string::npos) << at.error().message;
}

TEST_P(MigrationTest, RefusesAnotherProgramsDatabase) {
    constexpr std::array<Migration, 1> kOther{{{.number = 1, .name = "other", .text = "SELECT 1"}}};
    ASSERT_TRUE(migrate(database(), kOther, soon()));
    const auto at = migrate(database(), kMigrations, soon());
    ASSERT_FALSE(at);
    EXPECT_EQ(at.error().code, base::ErrorCode::kUnsupported);
}

TEST_P(MigrationTest, RefusesABlockedDatabaseUntilItIsUnblocked) {
    const auto schema = [&] {
        int number = -1;
        const auto done = database().read(
            [&](Connection& connection) -> base::Result<void> {
                VMSECURITY_ASSIGN(number, schema_number(connection, kMigrations));
                return {};
            },
            soon());
        return done ? number : -1;
    };
    const auto change = [&](const Database::Work& work) { return database().write(work, soon()); };
    const auto block = [](Connection& connection) {
        return block_migrations(connection, "half of it is missing");
    };
    EXPECT_EQ(schema(), 0);
    ASSERT_TRUE(migrate(database(), kMigrations, soon()));
    EXPECT_EQ(schema(), 3);
    ASSERT_TRUE(change(block));
    EXPECT_FALSE(change(block));
    for (const std::size_t known : {3U, 2U}) {
        const auto at = migrate(database(), std::span(kMigrations).first(known), soon());
        ASSERT_FALSE(at);
        EXPECT_EQ(at.error().code, base::ErrorCode::kUnsupported) << at.error().describe();
        EXPECT_NE(at.error().message.find("half of it is missing"), std::string::npos)
            << at.error().describe();
    }
    EXPECT_EQ(schema(), -1);
    ASSERT_TRUE(change(unblock_migrations));
    EXPECT_EQ(migrate(database(), kMigrations, soon()).value_or(0), 3);
    EXPECT_EQ(schema(), 3);
}

TEST_P(MigrationTest, LeavesNothingOfAStepThatFails) {
    constexpr std::array<Migration, 2> kBroken{{
        {.number = 1, .name = "things", .text = "CREATE TABLE things (id bigint)"},
        {.number = 2,
         .name = "broken",
         .text = "INSERT INTO things VALUES (1); SELECT * FROM none"},
    }};
    const auto at = migrate(database(), kBroken, soon());
    ASSERT_FALSE(at);
    EXPECT_NE(at.error().message.find("\"broken\""), std::string::npos) << at.error().message;
    EXPECT_EQ(number("SELECT count(*) FROM things"), 0);
    EXPECT_EQ(number("SELECT max(number) FROM schema_migrations"), 1);
}

TEST_P(MigrationTest, StartersTakeTurns) {
    std::vector<std::unique_ptr<Database>> others;
    std::vector<Database*> starters{&database()};
    for (int i = 0; i < 5; ++i) {
        if (is_sqlite()) {
            starters.push_back(&database());  // one process has the file
        } else {
            others.push_back(fixture().open());
            starters.push_back(others.back().get());
        }
    }
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (Database* starter : starters) {
        threads.emplace_back([&, starter] {
            const auto at = migrate(*starter, kMigrations, soon());
            EXPECT_TRUE(at) << at.error().describe();
            done += at.value_or(0) == 3 ? 1 : 0;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(done, 6);
    EXPECT_EQ(number("SELECT count(*) FROM things"), 1);
}

}  // namespace
}  // namespace vmsecurity::sql::contract
