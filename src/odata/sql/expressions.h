#pragma once

#include <string>

#include "odata/bound.h"
#include "odata/sql/parameters.h"
#include "odata/sql/paths.h"
#include "odata/sql/rules.h"

namespace vmsecurity::odata::sql {

// Writes bound expressions as SQL.
class ExpressionWriter {
  public:
    // `row`: the alias of the collection's table. `result`: of $apply's result.
    ExpressionWriter(Dialect dialect, const schema::Collection& collection, const Rules& rules,
                     Parameters& parameters)
        : dialect_(dialect),
          collection_(collection),
          rules_(rules),
          parameters_(parameters),
          paths_(dialect) {}

    static constexpr std::string_view kRow = "t";
    static constexpr std::string_view kResult = "g";

    // A condition that a WHERE may hold: false and NULL are the same to it.
    Fragment condition(const BoundExpression& expression) {
        return condition(expression, Truth::kOnlyTrue);
    }
    // A value to sort, group or aggregate by, in the form natural_basis() says.
    Fragment key(const BoundExpression& expression);

  private:
    // OData has true, false and null like SQL, but its comparisons are never null (4.01 Part 2
    // §5.1.1.1). Where a condition is not negated, the difference does not show, and the plain
    // comparison, which indexes know, is enough.
    enum class Truth : std::uint8_t { kOnlyTrue, kExact };

    Fragment condition(const BoundExpression& expression, Truth truth);
    Fragment comparison(const BoundComparison& comparison, Truth truth);
    Fragment compare(ComparisonOperator operation, const Fragment& left, const Fragment& right,
                     bool never_null);
    Fragment membership(const BoundMembership& membership, Truth truth);
    Fragment null_test(const BoundNullTest& test);
    Fragment lambda(const BoundLambda& lambda);
    Fragment call_condition(const BoundCall& call, Truth truth);
    Fragment match(Function function, const Fragment& text, const Fragment& part);
    Fragment dictionary(const DictionaryRule& rule, const BoundCall& call, Truth truth);

    Fragment value(const BoundExpression& expression, Basis basis);
    Fragment path_value(const BoundPath& path, Basis basis);
    Fragment call_value(const BoundCall& call);
    Fragment call_on(Function function, Fragment operand);
    Fragment time_part(Function function, const Fragment& time) const;
    Fragment substring(const BoundCall& call);
    Fragment calculated_integer(const BoundExpression& expression);
    Fragment calculated_real(const BoundExpression& expression);
    Fragment to_number(Fragment value, ValueKind kind, bool real) const;

    // `values`: a comma list of placeholders.
    Fragment relation_condition(const RelationRule& rule, std::string_view values);
    const RelationRule* relation_rule(const BoundExpression& expression) const;
    const DictionaryRule* dictionary_rule(const BoundCall& call) const;
    Anchor anchor(const Root& root) const;
    bool sqlite() const { return dialect_ == Dialect::kSqlite; }

    Dialect dialect_;
    const schema::Collection& collection_;
    const Rules& rules_;
    Parameters& parameters_;
    PathWriter paths_;
};

}  // namespace vmsecurity::odata::sql
