#pragma once

#include <libpq-fe.h>

#include <deque>
#include <string>
#include <string_view>

#include "sql/connection.h"

namespace vmsecurity::sql::postgres {

// A row of a result in text or binary format. Of types that reads_binary() does not know, the text
// format is what the server prints.
class PostgresRow final : public Row {
  public:
    PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}

    bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;

  private:
    bool is_binary(int column) const { return PQfformat(result_, column) == 1; }
    std::string_view bytes(int column) const;

    const PGresult* result_;
    int row_;
    mutable std::deque<std::string> made_;  // what text() had to write; its views must stay valid
};

}  // namespace vmsecurity::sql::postgres
