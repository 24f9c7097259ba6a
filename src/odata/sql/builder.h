#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "odata/sql/expressions.h"
#include "odata/sql/keyset.h"
#include "odata/sql/statements.h"

namespace vmsecurity::odata::sql {

using ::vmsecurity::sql::Statement;

// Builds one statement: its parameters and what it was refused for.
class Builder {
  public:
    Builder(const BoundQuery& query, const Settings& settings)
        : query_(query),
          settings_(settings),
          parameters_(settings.dialect),
          writer_(settings.dialect, *query.collection, settings_.rules, parameters_) {}

    base::Result<Statement> list();
    base::Result<Statement> rows(std::string_view columns);
    base::Result<Statement> groups(bool count);

  private:
    Fragment checked(Fragment fragment, std::string_view target, std::size_t position);
    Fragment condition(const BoundExpression& expression, std::string_view target);
    // " WHERE ..." of $filter and $apply's filters; a condition more, if it has text.
    std::string where(const Fragment& more = {});
    std::vector<SortKey> sort_keys();
    std::string page(bool skip);
    std::string from() const;  // " FROM findings AS t"
    std::string grouped();
    Fragment aggregate(const BoundAggregate& aggregate, const ResultColumn& column);
    Fragment real_summand(const Fragment& operand, ValueKind kind) const;
    Fragment group(const BoundExpression& expression);
    base::Result<Statement> finish(std::string text);

    const BoundQuery& query_;
    const Settings& settings_;
    Parameters parameters_;
    ExpressionWriter writer_;
    std::optional<base::Error> refusal_;
};

}  // namespace vmsecurity::odata::sql
