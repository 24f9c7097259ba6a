#include "apiserver/database.h"

#include <fmt/format.h>

#include "sql/postgres/database.h"
#include "sql/sqlite/database.h"

namespace vmsecurity::apiserver {

base::Result<std::unique_ptr<sql::Database>> open_database(const DatabaseOptions& options) {
    constexpr std::string_view kSqlite = "sqlite:";
    const std::string_view place = options.place;
    if (place.starts_with(kSqlite) && place.size() > kSqlite.size()) {
        sql::sqlite::Options sqlite;
        sqlite.path = std::string(place.substr(kSqlite.size()));
        sqlite.readers = options.read_connections;
        sqlite.read_only = options.read_only;
        return sql::sqlite::open(std::move(sqlite));
    }
    if (place.starts_with("postgresql://") || place.starts_with("postgres://")) {
        sql::postgres::Options postgres;
        postgres.connection = options.place;
        postgres.password_file = options.password_file;
        postgres.readers = options.read_connections;
        postgres.writers = options.read_connections;
        return sql::postgres::open(std::move(postgres));
    }
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "database: expected sqlite:PATH, or "
                      "postgresql://USER@HOST:PORT/NAME?sslmode=verify-full");
}

}  // namespace vmsecurity::apiserver
