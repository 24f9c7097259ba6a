#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "sql/query.h"
#include "sql/statement.h"

namespace vmsecurity::sql {

// SQL put together piece by piece, with its parameters numbered in the order in which they come:
//
//     StatementBuilder sql;
//     sql << "SELECT document FROM assets WHERE id = " << sql.parameter(id);
//
// Whoever writes text writes constants; whatever comes from outside is a parameter.
class StatementBuilder {
  public:
    StatementBuilder& operator<<(std::string_view text) {
        statement_.text += text;
        return *this;
    }

    // Adds a value; the answer is what stands for it in the text ("$3").
    template <typename T>
    std::string parameter(T&& value) {
        statement_.parameters.push_back(to_value(std::forward<T>(value)));
        return '$' + std::to_string(statement_.parameters.size());
    }

    std::size_t parameters() const { return statement_.parameters.size(); }
    const Statement& statement() const& { return statement_; }
    Statement take() && { return std::move(statement_); }

  private:
    Statement statement_;
};

}  // namespace vmsecurity::sql
