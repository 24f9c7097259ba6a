#include "sql/contract/test_support.h"
#include "sql/postgres/database.h"
#include "sql/sqlite/database.h"
#include "sql/testing/postgres_server.h"
#include "sql/testing/temporary_folder.h"

namespace vmsecurity::sql::contract {
namespace {

class SqliteFixture : public Fixture {
  public:
    std::unique_ptr<Database> open() override {
        auto database = sqlite::open({.path = folder_.file("test.db")});
        EXPECT_TRUE(database) << database.error().describe();
        return database ? std::move(*database) : nullptr;
    }

  private:
    testing::TemporaryFolder folder_;
};

class PostgresFixture : public Fixture {
  public:
    explicit PostgresFixture(std::string connection) : connection_(std::move(connection)) {}
    std::unique_ptr<Database> open() override {
        auto database = postgres::open({.connection = connection_});
        EXPECT_TRUE(database) << database.error().describe();
        return database ? std::move(*database) : nullptr;
    }

  private:
    std::string connection_;
};

}  // namespace

std::unique_ptr<Fixture> make_fixture(Dialect dialect, std::string& why) {
    if (dialect == Dialect::kSqlite) return std::make_unique<SqliteFixture>();
    auto* server = testing::PostgresServer::shared(why);
    if (server == nullptr) return nullptr;
    return std::make_unique<PostgresFixture>(server->create_database());
}

std::string name_of(const ::testing::TestParamInfo<Dialect>& info) {
    return info.param == Dialect::kSqlite ? "Sqlite" : "Postgres";
}

}  // namespace vmsecurity::sql::contract
