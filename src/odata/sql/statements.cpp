#include "odata/sql/statements.h"

#include <fmt/format.h>

#include <algorithm>

#include "odata/problem.h"
#include "odata/sql/builder.h"
#include "odata/sql/skiptoken.h"

namespace vmsecurity::odata::sql {
namespace {

using ::vmsecurity::sql::Row;

constexpr std::string_view kRowId = "t.row_id";

}  // namespace

std::string Builder::from() const {
    return fmt::format(" FROM {} AS {}", query_.collection->table, ExpressionWriter::kRow);
}

Fragment Builder::checked(Fragment fragment, std::string_view target, std::size_t position) {
    if (fragment.weight > kMaxWeight && !refusal_) {
        refusal_ = fail_at(target, position,
                           "The expression is nested too deeply for the database. Use fewer "
                           "parentheses, not and arithmetic inside each other.")
                       .value();
    }
    return fragment;
}

Fragment Builder::condition(const BoundExpression& expression, std::string_view target) {
    return checked(writer_.condition(expression), target, expression.position);
}

std::string Builder::where(const Fragment& more) {
    std::vector<Fragment> conditions;
    if (query_.apply) {
        for (const BoundExpression& one : query_.apply->before) {
            conditions.push_back(condition(one, "$apply"));
        }
    }
    const bool grouped = query_.apply && query_.apply->grouped;
    if (query_.options.filter && !grouped) {
        conditions.push_back(condition(*query_.options.filter, "$filter"));
    }
    if (!more.text.empty()) conditions.push_back(more);
    if (conditions.empty()) return {};
    return " WHERE " + join(std::move(conditions), " AND ").text;
}

std::vector<SortKey> Builder::sort_keys() {
    std::vector<SortKey> keys;
    for (const BoundOrder& one : query_.options.orderby) {
        keys.push_back({checked(writer_.key(one.expression), "$orderby", one.expression.position),
                        natural_basis(one.expression), one.descending});
    }
    return keys;
}

std::string Builder::page(bool skip) {
    const auto limit = settings_.limit ? settings_.limit : query_.options.top;
    const auto number = [&](std::uint64_t value) {
        const auto fitting = static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX));
        return parameters_.add(Value(fitting)).text;
    };
    std::string text;
    if (limit) text = " LIMIT " + number(*limit);
    if (skip && query_.options.skip != 0) {
        if (!limit && settings_.dialect == Dialect::kSqlite) text = " LIMIT -1";
        text += " OFFSET " + number(query_.options.skip);
    }
    return text;
}

base::Result<Statement> Builder::list() {
    const std::vector<SortKey> keys = sort_keys();
    std::string columns = fmt::format("{}, {}.document", kRowId, ExpressionWriter::kRow);
    for (const SortKey& key : keys) columns += ", " + key.value.text;
    const std::string order = " ORDER BY " + order_by(keys, kRowId, settings_.dialect);
    const auto skiptoken = settings_.skiptoken ? settings_.skiptoken : query_.skiptoken;
    if (!skiptoken) {
        std::string text = "SELECT " + columns + from() + where() + order;
        return finish(text + page(true));
    }

    std::vector<Basis> bases;
    for (const SortKey& key : keys) bases.push_back(key.basis);
    VMSECURITY_ASSIGN(const Continuation continuation,
                      decode(*skiptoken, query_.fingerprint, bases));
    // The token stands for $skip too: it was applied before the first page.
    std::vector<std::string> branches;
    for (const Fragment& one : rows_behind(keys, continuation, kRowId, parameters_)) {
        std::string text =
            "SELECT " + columns + from() + where(checked(one, "$orderby", 0)) + order;
        branches.push_back(text + page(false));
    }
    if (branches.size() == 1) return finish(std::move(branches.front()));
    std::vector<SortKey> ordinals = keys;
    for (std::size_t i = 0; i < ordinals.size(); ++i) {
        ordinals[i].value.text = std::to_string(i + 3);
    }
    std::string text =
        fmt::format("SELECT * FROM ({}) AS a UNION ALL SELECT * FROM ({}) AS b ORDER BY {}",
                    branches[0], branches[1], order_by(ordinals, "1", settings_.dialect));
    return finish(text + page(false));
}

base::Result<Statement> Builder::rows(std::string_view columns) {
    return finish(fmt::format("SELECT {}{}{}", columns, from(), where()));
}

Fragment Builder::group(const BoundExpression& expression) {
    return checked(writer_.key(expression), "$apply", expression.position);
}

base::Result<Statement> Builder::finish(std::string text) {
    if (refusal_) return base::fail(std::move(*refusal_));
    return Statement{std::move(text), parameters_.take()};
}

base::Result<Statement> list_statement(const BoundQuery& query, const Settings& settings) {
    return Builder(query, settings).list();
}

base::Result<Statement> count_statement(const BoundQuery& query, const Settings& settings) {
    Builder builder(query, settings);
    if (query.apply && query.apply->grouped) return builder.groups(true);
    return builder.rows("count(*)");
}

base::Result<Statement> apply_statement(const BoundQuery& query, const Settings& settings) {
    return Builder(query, settings).groups(false);
}

base::Result<Statement> match_statement(const BoundQuery& query, const Settings& settings) {
    return Builder(query, settings).rows(kRowId);
}

std::string make_skiptoken(const BoundQuery& query, const Row& row) {
    Continuation made;
    made.row_id = row.integer(0);
    int column = 2;
    for (const BoundOrder& one : query.options.orderby) {
        if (row.is_null(column)) {
            made.keys.emplace_back();
        } else {
            switch (natural_basis(one.expression)) {
                case Basis::kBoolean:
                    made.keys.emplace_back(row.integer(column) != 0);
                    break;
                case Basis::kReal:
                    made.keys.emplace_back(row.real(column));
                    break;
                case Basis::kText:
                    made.keys.emplace_back(std::string(row.text(column)));
                    break;
                default:
                    made.keys.emplace_back(row.integer(column));
                    break;
            }
        }
        ++column;
    }
    return encode(made, query.fingerprint);
}

}  // namespace vmsecurity::odata::sql
