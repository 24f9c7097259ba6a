#include <fmt/format.h>

#include "odata/sql/expressions.h"

namespace vmsecurity::odata::sql {
namespace {

constexpr std::string_view kWhiteSpaceSqlite = "char(9,10,11,12,13,32)";
constexpr std::string_view kWhiteSpacePostgres = "E'\\t\\n\\x0b\\f\\r '";

}  // namespace

Fragment ExpressionWriter::key(const BoundExpression& expression) {
    return value(expression, natural_basis(expression));
}

Fragment ExpressionWriter::path_value(const BoundPath& path, Basis basis) {
    if (path.root.kind != Root::Kind::kResult) {
        return paths_.value(path, path.legs, anchor(path.root), basis);
    }
    Fragment column = atom(fmt::format("{}.c{}", kResult, path.root.index));
    const bool ranked = path.vocabulary && path.vocabulary->ranked;
    return ranked && basis == Basis::kText ? PathWriter::word(*path.vocabulary, column) : column;
}

Fragment ExpressionWriter::value(const BoundExpression& expression, Basis basis) {
    const auto& node = expression.node;
    if (const auto* constant = std::get_if<Constant>(&node)) {
        const auto* integer = std::get_if<std::int64_t>(constant);
        if (basis == Basis::kReal && integer != nullptr) {
            return parameters_.add(Value(static_cast<double>(*integer)));
        }
        return parameters_.add(*constant);
    }
    if (expression.kind == ValueKind::kBoolean) return condition(expression, Truth::kExact);
    const bool real = basis == Basis::kReal;
    if (const auto* path = std::get_if<BoundPath>(&node)) {
        const bool number = expression.kind == ValueKind::kInteger && real;
        return to_number(path_value(*path, number ? Basis::kInteger : basis), expression.kind,
                         real);
    }
    const bool calculated = std::holds_alternative<BoundArithmetic>(node) ||
                            std::holds_alternative<BoundNegation>(node);
    if (calculated && expression.kind == ValueKind::kReal) return calculated_real(expression);
    if (calculated) {
        Fragment made = calculated_integer(expression);
        if (sqlite()) made = derive(dialect_, "CASE typeof(p) WHEN 'integer' THEN p END", {made});
        return to_number(std::move(made), expression.kind, real);
    }
    if (const auto* count = std::get_if<BoundCount>(&node)) {
        return to_number(
            paths_.count(count->collection, count->collection.legs, anchor(count->collection.root)),
            expression.kind, real);
    }
    return to_number(call_value(std::get<BoundCall>(node)), expression.kind, real);
}

Fragment ExpressionWriter::to_number(Fragment value, ValueKind kind, bool real) const {
    if (kind != ValueKind::kInteger || !real) return value;
    return compose(sqlite() ? "CAST({} AS REAL)" : "({})::double precision", {value});
}

// Null where the result leaves int64, or something is divided by zero. SQLite goes on with reals
// beyond int64 and stays with them, so that one look at the end is enough: see value().
// PostgreSQL would fail the statement, so each operation is done in numeric and looked at.
Fragment ExpressionWriter::calculated_integer(const BoundExpression& expression) {
    const auto narrowed = [&](std::string_view numeric, std::initializer_list<Fragment> operands,
                              std::string_view sqlite_form) {
        Fragment made = compose(sqlite_form, operands);
        if (sqlite()) return made;
        made.text = derive(dialect_,
                           "CASE WHEN p BETWEEN -9223372036854775808 AND 9223372036854775807 THEN "
                           "p::bigint END",
                           {compose(numeric, operands)})
                        .text;
        return made;  // with the weight that it has in SQLite, so that both refuse the same
    };
    if (const auto* negation = std::get_if<BoundNegation>(&expression.node)) {
        return narrowed("- {}::numeric", {calculated_integer(*negation->operand)}, "(- {})");
    }
    const auto* one = std::get_if<BoundArithmetic>(&expression.node);
    if (one == nullptr) return value(expression, Basis::kInteger);
    constexpr std::string_view kSqlite[] = {"({} + {})", "({} - {})", "({} * {})", "({} / {})",
                                            "({} % {})"};
    constexpr std::string_view kNumeric[] = {
        "{}::numeric + {}::numeric", "{}::numeric - {}::numeric", "{}::numeric * {}::numeric",
        "div({}::numeric,nullif({}::numeric,0))", "mod({}::numeric,nullif({}::numeric,0))"};
    const auto operation = static_cast<std::size_t>(one->operation);
    return narrowed(kNumeric[operation],
                    {calculated_integer(*one->left), calculated_integer(*one->right)},
                    kSqlite[operation]);
}

// PostgreSQL fails the statement where a result leaves double, and SQLite has infinities. So
// operands that come near the bounds make null in both.
Fragment ExpressionWriter::calculated_real(const BoundExpression& expression) {
    if (const auto* negation = std::get_if<BoundNegation>(&expression.node)) {
        return compose("(- {})", {value(*negation->operand, Basis::kReal)});
    }
    constexpr std::string_view kResults[] = {
        "CASE WHEN abs(p) <= 1e150 AND abs(q) <= 1e150 THEN p + q END",
        "CASE WHEN abs(p) <= 1e150 AND abs(q) <= 1e150 THEN p - q END",
        "CASE WHEN (p = 0 OR abs(p) BETWEEN 1e-150 AND 1e150) AND (q = 0 OR abs(q) BETWEEN 1e-150 "
        "AND 1e150) THEN p * q END",
        "CASE WHEN (p = 0 OR abs(p) BETWEEN 1e-150 AND 1e150) AND abs(q) BETWEEN 1e-150 AND 1e150 "
        "THEN p / q END",
        "NULL"};
    const auto& one = std::get<BoundArithmetic>(expression.node);
    return derive(dialect_, kResults[static_cast<std::size_t>(one.operation)],
                  {value(*one.left, Basis::kReal), value(*one.right, Basis::kReal)});
}

Fragment ExpressionWriter::call_on(Function function, Fragment operand) {
    switch (function) {
        // ASCII alone in both: what lies beyond depends on the build in one and on the locale in
        // the other.
        case Function::kToLower:
            return compose(sqlite() ? "lower({})" : "lower({} COLLATE \"C\")", {operand});
        case Function::kToUpper:
            return compose(sqlite() ? "upper({})" : "upper({} COLLATE \"C\")", {operand});
        case Function::kTrim:
            return compose(fmt::format("{}({{}},{})", sqlite() ? "trim" : "btrim",
                                       sqlite() ? kWhiteSpaceSqlite : kWhiteSpacePostgres),
                           {operand});
        default:
            return compose("length({})", {operand});
    }
}

Fragment ExpressionWriter::call_value(const BoundCall& call) {
    const BoundExpression& first = call.arguments.front();
    switch (call.function) {
        case Function::kToLower:
        case Function::kToUpper:
        case Function::kTrim:
        case Function::kLength:
            return call_on(call.function, value(first, Basis::kText));
        case Function::kConcat:
            return compose("({} || {})",
                           {value(first, Basis::kText), value(call.arguments[1], Basis::kText)});
        case Function::kIndexOf:
            return compose(sqlite() ? "(instr({},{}) - 1)" : "(strpos({},{}) - 1)",
                           {value(first, Basis::kText), value(call.arguments[1], Basis::kText)});
        case Function::kSubstring:
            return substring(call);
        default:
            return time_part(call.function, value(first, Basis::kTime));
    }
}

// Starts and lengths below zero are zero.
Fragment ExpressionWriter::substring(const BoundCall& call) {
    const Fragment text = value(call.arguments[0], Basis::kText);
    const Fragment start = value(call.arguments[1], Basis::kInteger);
    const bool bounded = call.arguments.size() == 3;
    // Both take int4, and no text is that long. PostgreSQL's least() and greatest() overlook NULL.
    const std::string_view number =
        sqlite() ? "min(max({0},0),1000000000)" : "least(greatest({0},0),1000000000)::integer";
    const std::string from = fmt::format(fmt::runtime(number), "q");
    if (!bounded) {
        return derive(dialect_,
                      fmt::format("CASE WHEN q IS NOT NULL THEN substr(p,{}+1) END", from),
                      {text, start});
    }
    return derive(dialect_,
                  fmt::format("CASE WHEN q IS NOT NULL AND n IS NOT NULL THEN substr(p,{}+1,{}) "
                              "END",
                              from, fmt::format(fmt::runtime(number), "n")),
                  {text, start, value(call.arguments[2], Basis::kInteger)});
}

// `time` is nanoseconds, which both % and / take towards zero, also before 1970.
Fragment ExpressionWriter::time_part(Function function, const Fragment& time) const {
    constexpr std::string_view kDay = "86400000000000";
    const auto within = [&](std::string_view unit) {
        return compose(fmt::format("((({{}} % {0}) + {0}) % {0})", unit), {time});
    };
    switch (function) {
        case Function::kHour:
            return compose("({} / 3600000000000)", {within(kDay)});
        case Function::kMinute:
            return compose("({} / 60000000000)", {within("3600000000000")});
        case Function::kDate:
            return derive(dialect_,
                          fmt::format("CASE WHEN p < -9223286400000000000 THEN p ELSE p - ((p % "
                                      "{0}) + {0}) % {0} END",
                                      kDay),
                          {time});
        default:
            break;
    }
    const bool year = function == Function::kYear;
    const bool month = function == Function::kMonth;
    // Whole days since 1970, downwards.
    const Fragment days = derive(
        dialect_, fmt::format("p / {0} - CASE WHEN p % {0} < 0 THEN 1 ELSE 0 END", kDay), {time});
    if (sqlite()) {
        return compose(fmt::format("CAST(strftime('{}',{{}} * 86400,'unixepoch') AS INTEGER)",
                                   year ? "%Y" : (month ? "%m" : "%d")),
                       {days});
    }
    return compose(fmt::format("extract({} FROM date '1970-01-01' + {{}}::integer)::bigint",
                               year ? "year" : (month ? "month" : "day")),
                   {days});
}

}  // namespace vmsecurity::odata::sql
