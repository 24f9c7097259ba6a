#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "odata/instant.h"

// What the parser makes of a query: OData 4.01 expressions and options before any schema is known.
// Positions count bytes from the start of the option's decoded text.
namespace vmsecurity::odata {

struct Expression;
using ExpressionPointer = std::unique_ptr<Expression>;

struct Name {
    std::string text;
    std::size_t position = 0;
};

// monostate is null. Integers beyond int64 are doubles. A date is the instant it starts with.
using Constant = std::variant<std::monostate, bool, std::int64_t, double, std::string, Instant>;

enum class Quantifier : std::uint8_t { kAny, kAll };

// any(variable: predicate); without a predicate: any().
struct Lambda {
    Quantifier quantifier = Quantifier::kAny;
    std::size_t position = 0;
    Name variable;
    ExpressionPointer predicate;
};

// assetInfo/tags, or with dots; then perhaps /$count or /any(...). The first name may be "$it".
struct Path {
    std::vector<Name> names;
    std::optional<std::size_t> count_position;
    std::optional<Lambda> lambda;
};

enum class UnaryOperator : std::uint8_t { kNot, kNegate };
struct Unary {
    UnaryOperator operation;
    ExpressionPointer operand;
};

enum class LogicalOperator : std::uint8_t { kAnd, kOr };
struct Logical {  // two operands or more
    LogicalOperator operation;
    std::vector<Expression> operands;
};

enum class ComparisonOperator : std::uint8_t { kEq, kNe, kGt, kGe, kLt, kLe };
struct Comparison {
    ComparisonOperator operation;
    ExpressionPointer left;
    ExpressionPointer right;
};

enum class ArithmeticOperator : std::uint8_t { kAdd, kSub, kMul, kDiv, kMod };
struct Arithmetic {
    ArithmeticOperator operation;
    ExpressionPointer left;
    ExpressionPointer right;
};

struct Membership {  // operand in (1, 2, 3)
    ExpressionPointer operand;
    std::vector<Expression> list;  // literals
};

enum class Function : std::uint8_t {
    kContains,
    kStartsWith,
    kEndsWith,
    kLength,
    kIndexOf,
    kSubstring,
    kToLower,
    kToUpper,
    kTrim,
    kConcat,
    kYear,
    kMonth,
    kDay,
    kHour,
    kMinute,
    kDate,
    kNow,
};
std::string_view to_string(Function function);

struct Call {
    Function function;
    std::vector<Expression> arguments;
};

struct Expression {
    std::size_t position = 0;  // of the operand's first byte; of an operator's own first byte
    std::variant<Constant, Path, Unary, Logical, Comparison, Arithmetic, Membership, Call> node;
    std::size_t depth = 1;  // of nodes, this one counted
};

std::string_view to_string(ComparisonOperator operation);
std::string_view to_string(ArithmeticOperator operation);
std::string_view to_string(LogicalOperator operation);

struct Options;

struct OrderItem {
    Expression expression;
    bool descending = false;
};

// One entry of $select or $expand with what stands in its parentheses. `star`: "*".
struct Item {
    std::vector<Name> path;
    std::size_t position = 0;
    bool star = false;
    std::unique_ptr<Options> options;  // never null
};

enum class Aggregation : std::uint8_t { kSum, kMin, kMax, kAverage, kCountDistinct, kCount };

struct AggregateItem {  // "path with sum as alias", "$count as alias"
    Aggregation aggregation = Aggregation::kCount;
    std::optional<Expression> operand;  // not of $count
    Name alias;
};

// groupby((paths),aggregate(...)), with no paths: aggregate(...).
struct Grouping {
    std::vector<Path> paths;
    std::vector<AggregateItem> aggregates;
    std::size_t position = 0;
};

// filter(...)/filter(...)/groupby(...)/filter(...)
struct Apply {
    std::vector<Expression> before;
    std::optional<Grouping> grouping;
    std::vector<Expression> after;
};

// The options of a request, or of one item of $select or $expand. `target` names in errors where
// the text stands: nested options are part of "$expand".
struct Options {
    std::string target;
    std::optional<Expression> filter;
    std::vector<OrderItem> orderby;
    std::vector<Item> select;
    std::vector<Item> expand;
    std::optional<Apply> apply;
    std::optional<bool> count;
    std::optional<std::uint64_t> top;
    std::uint64_t skip = 0;
    std::optional<std::string> skiptoken;
    std::size_t position = 0;       // of nested options: where they start
    std::uint64_t fingerprint = 0;  // of the texts of $filter, $orderby and $apply
};

}  // namespace vmsecurity::odata
