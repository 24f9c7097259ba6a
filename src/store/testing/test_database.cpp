#include "sql/postgres/database.h"
#include "sql/sqlite/database.h"
#include "sql/testing/postgres_server.h"
#include "sql/testing/temporary_folder.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store::testing {
namespace {

class SqliteTestDatabase final : public TestDatabase {
  public:
    std::shared_ptr<sql::Database> open() override {
        auto database = sql::sqlite::open({.path = folder_.file("store.db")});
        if (database) return *std::move(database);
        ADD_FAILURE() << database.error().describe();
        return nullptr;
    }

  private:
    sql::testing::TemporaryFolder folder_;
};

class PostgresTestDatabase final : public TestDatabase {
  public:
    explicit PostgresTestDatabase(std::string connection) : connection_(std::move(connection)) {}

    std::shared_ptr<sql::Database> open() override {
        auto database = sql::postgres::open({.connection = connection_});
        if (database) return *std::move(database);
        ADD_FAILURE() << database.error().describe();
        return nullptr;
    }

  private:
    std::string connection_;
};

}  // namespace

std::unique_ptr<TestDatabase> TestDatabase::make(sql::Dialect dialect, std::string& why) {
    if (dialect == sql::Dialect::kSqlite) return std::make_unique<SqliteTestDatabase>();
    sql::testing::PostgresServer* server = sql::testing::PostgresServer::shared(why);
    if (server == nullptr) return nullptr;
    return std::make_unique<PostgresTestDatabase>(server->create_database());
}

}  // namespace vmsecurity::store::testing
