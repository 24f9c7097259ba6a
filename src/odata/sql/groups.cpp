#include <fmt/format.h>

#include "odata/sql/builder.h"

// $apply with groups.
namespace vmsecurity::odata::sql {

// Reals that no arithmetic takes are left out, so that no sum overflows, which would fail the
// statement in PostgreSQL.
Fragment Builder::real_summand(const Fragment& operand, ValueKind kind) const {
    if (kind == ValueKind::kReal) {
        return compose("CASE WHEN abs({}) <= 1e150 THEN {} END", {operand, operand});
    }
    const bool sqlite = settings_.dialect == Dialect::kSqlite;
    return compose(sqlite ? "CAST({} AS REAL)" : "({})::double precision", {operand});
}

Fragment Builder::aggregate(const BoundAggregate& one, const ResultColumn& column) {
    const bool sqlite = settings_.dialect == Dialect::kSqlite;
    if (one.aggregation == Aggregation::kCount) return atom("count(*)");
    Fragment operand = group(*one.operand);
    switch (one.aggregation) {
        case Aggregation::kMin:
            return compose("min({})", {operand});
        case Aggregation::kMax:
            return compose("max({})", {operand});
        case Aggregation::kCountDistinct:
            return compose("count(DISTINCT {})", {operand});
        case Aggregation::kAverage:
            // Not avg(), which calculates squares in PostgreSQL, and fails where they overflow.
            operand = real_summand(operand, one.operand->kind);
            return compose("(sum({}) / nullif(count({}),0))", {operand, operand});
        default:
            break;
    }
    if (column.kind == ValueKind::kReal) {
        return compose("sum({})", {real_summand(operand, column.kind)});
    }
    // A sum of whole numbers that leaves int64 is null, where SQLite would fail the statement. The
    // sums of the numbers' halves stay within it, and where the whole does not, SQLite goes on with
    // a real.
    if (sqlite) {
        const Fragment low = compose("sum({} & 4294967295)", {operand});
        const Fragment sum = compose(
            "((sum({} >> 32) + ({} >> 32)) * 4294967296 + ({} & 4294967295))", {operand, low, low});
        return compose("CASE typeof({}) WHEN 'integer' THEN {} END", {sum, sum});
    }
    const Fragment sum = compose("sum({}::numeric)", {operand});
    return compose(
        "CASE WHEN {} BETWEEN -9223372036854775808 AND 9223372036854775807 THEN {}::bigint END",
        {sum, sum});
}

std::string Builder::grouped() {
    const BoundApply& apply = *query_.apply;
    std::string columns;
    std::size_t index = 0;
    const auto add = [&](const Fragment& value) {
        if (index > 0) columns += ", ";
        columns += fmt::format("{} AS c{}", value.text, index++);
    };
    for (const BoundExpression& one : apply.groups) add(group(one));
    for (const BoundAggregate& one : apply.aggregates) add(aggregate(one, apply.columns[index]));
    std::string text = "SELECT " + columns + from() + where();
    for (std::size_t i = 0; i < apply.groups.size(); ++i) {
        text += (i == 0 ? " GROUP BY " : ", ") + std::to_string(i + 1);
    }
    return text;
}

base::Result<Statement> Builder::groups(bool count) {
    const BoundApply& apply = *query_.apply;
    std::string columns = count ? "count(*)" : "";
    std::string order;
    for (std::size_t i = 0; i < apply.columns.size() && !count; ++i) {
        columns += fmt::format("{}{}.c{}", i == 0 ? "" : ", ", ExpressionWriter::kResult, i);
    }
    std::string text =
        fmt::format("SELECT {} FROM ({}) AS {}", columns, grouped(), ExpressionWriter::kResult);
    std::vector<Fragment> conditions;
    for (const BoundExpression& one : apply.after) conditions.push_back(condition(one, "$filter"));
    if (!conditions.empty()) text += " WHERE " + join(std::move(conditions), " AND ").text;
    if (count) return finish(std::move(text));
    // The groups themselves settle what $orderby leaves open.
    std::vector<SortKey> keys = sort_keys();
    for (std::size_t i = 0; i < apply.groups.size(); ++i) {
        keys.push_back(
            {atom(fmt::format("{}.c{}", ExpressionWriter::kResult, i)), Basis::kText, false});
    }
    if (!keys.empty()) text += " ORDER BY " + order_by(keys, settings_.dialect);
    return finish(text + page(true));
}

}  // namespace vmsecurity::odata::sql
