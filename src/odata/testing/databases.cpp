#include "odata/testing/databases.h"

#include <chrono>
#include <stdexcept>

#include "sql/postgres/database.h"
#include "sql/sqlite/database.h"
#include "sql/testing/postgres_server.h"

namespace vmsecurity::odata::testing {
namespace {

auto soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

}  // namespace

base::Result<void> Databases::One::read(const ::vmsecurity::sql::Database::Work& work) {
    return database->read(work, soon());
}

Databases::Databases(const StoredObjects& objects, Which which) {
    const auto add = [&](::vmsecurity::sql::Dialect dialect, std::string name, auto opened) {
        if (!opened) throw std::runtime_error(opened.error().describe());
        const auto filled = (*opened)->write(
            [&](::vmsecurity::sql::Connection& connection) { return objects.write(connection); },
            soon());
        if (!filled) throw std::runtime_error(filled.error().describe());
        all_.push_back({dialect, std::move(name), std::move(*opened)});
    };
    add(::vmsecurity::sql::Dialect::kSqlite, "SQLite",
        ::vmsecurity::sql::sqlite::open({.path = folder_.file("test.db")}));
    if (which == Which::kSqlite) return;
    if (auto* server = ::vmsecurity::sql::testing::PostgresServer::shared(missing_)) {
        add(::vmsecurity::sql::Dialect::kPostgres, "PostgreSQL",
            ::vmsecurity::sql::postgres::open({.connection = server->create_database()}));
    }
}

}  // namespace vmsecurity::odata::testing
