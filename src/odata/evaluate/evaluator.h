#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "odata/bound.h"

namespace vmsecurity::odata {

// The objects that relations point to.
class Objects {
  public:
    virtual ~Objects() = default;
    // nullptr: there is no such object. What it points to lives as long as the Objects.
    virtual const boost::json::value* find(const schema::Collection& collection,
                                           std::string_view id) = 0;
};

// What expressions mean, on JSON in memory: the reference that the SQL of odata/sql agrees with,
// and how nested options of $select and $expand are answered.
//
// - Comparisons and `in` are true or false, also with null; and, or, not, and the functions that
//   tell true from false know null as the third value (OData 4.01 Part 2 §5.1.1.1).
// - Text compares by code points. U+0000, which no database column holds, is taken as U+FFFD.
// - Whole numbers are int64, where a result leaves it or something is divided by zero: null. Reals
//   are calculated as doubles between 1e-150 and 1e150, and an operand beyond makes null.
// - Upper and lower case, as white space, are those of ASCII.
class Evaluator {
  public:
    // `max_steps`: how many operands may be looked at in all; nested lambdas multiply.
    explicit Evaluator(Objects& objects, std::uint64_t max_steps = UINT64_MAX)
        : objects_(&objects), steps_left_(max_steps) {}

    // True once the steps are used up; from then on every answer is null.
    bool exhausted() const { return steps_left_ == 0; }

    // `row`: the object, or the element of an array, that the expression was bound for.
    bool matches(const BoundExpression& condition, const boost::json::value& row);
    // In the form that natural_basis() names: words of ranked vocabularies are ranks. monostate:
    // null.
    Constant key(const BoundExpression& expression, const boost::json::value& row);

    // The same on a row of $apply's result, whose values have natural form.
    bool matches_result(const BoundExpression& condition, std::span<const Constant> columns);
    Constant key_of_result(const BoundExpression& expression, std::span<const Constant> columns);

  private:
    Constant value(const BoundExpression& expression, Basis basis);
    std::optional<bool> condition(const BoundExpression& expression);
    std::optional<bool> logical(const BoundLogical& logical);
    bool comparison(const BoundComparison& comparison);
    bool membership(const BoundMembership& membership);
    bool lambda(const BoundLambda& lambda);
    std::optional<bool> call_condition(const BoundCall& call);
    Constant call_value(const BoundCall& call);
    Constant path_value(const BoundPath& path, Basis basis);
    Constant negation(const BoundNegation& negation, bool real);
    Constant arithmetic(const BoundArithmetic& arithmetic);
    bool is_null(const BoundExpression& expression);

    // nullptr: absent or null.
    const boost::json::value* resolve(const BoundPath& path);
    const boost::json::array* elements(const BoundPath& path);
    std::optional<std::string> text(const BoundExpression& expression);

    bool step() { return steps_left_ > 0 && --steps_left_ > 0; }

    Objects* objects_;
    std::uint64_t steps_left_;
    const boost::json::value* row_ = nullptr;
    std::span<const Constant> columns_;
    std::vector<const boost::json::value*> variables_;
};

// Of two values in the same form: null stands before everything else.
std::strong_ordering compare(const Constant& left, const Constant& right);

}  // namespace vmsecurity::odata
