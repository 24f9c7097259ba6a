#include "odata/testing/reference.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace vmsecurity::odata::testing {
namespace {

using Keys = std::vector<Constant>;

struct Before {
    bool operator()(const Constant& left, const Constant& right) const {
        return compare(left, right) < 0;
    }
    bool operator()(const Keys& left, const Keys& right) const {
        return std::ranges::lexicographical_compare(
            left, right, [](const auto& a, const auto& b) { return compare(a, b) < 0; });
    }
};

bool matches(const BoundQuery& query, const StoredObject& object, Evaluator& evaluator) {
    const auto holds = [&](const BoundExpression& one) {
        return evaluator.matches(one, object.value);
    };
    if (query.apply && !std::ranges::all_of(query.apply->before, holds)) return false;
    const bool grouped = query.apply && query.apply->grouped;
    return grouped || !query.options.filter || holds(*query.options.filter);
}

bool is_summand(const Constant& value) {
    const auto* real = std::get_if<double>(&value);
    return real == nullptr || std::abs(*real) <= 1e150;
}

Constant sum(const std::vector<Constant>& values) {
    if (values.empty()) return {};
    if (std::holds_alternative<double>(values.front())) {
        double total = 0;
        for (const Constant& one : values) total += std::get<double>(one);
        return total;
    }
    __extension__ __int128 total = 0;
    for (const Constant& one : values) total += std::get<std::int64_t>(one);
    const bool fits = total >= INT64_MIN && total <= INT64_MAX;
    return fits ? Constant(static_cast<std::int64_t>(total)) : Constant();
}

double magnitude(const std::vector<Constant>& values) {
    double total = 0;
    for (const Constant& one : values) {
        const auto* integer = std::get_if<std::int64_t>(&one);
        total +=
            std::abs(integer != nullptr ? static_cast<double>(*integer) : std::get<double>(one));
    }
    return total;
}

Constant average(const std::vector<Constant>& values) {
    if (values.empty()) return {};
    double total = 0;
    for (const Constant& one : values) {
        const auto* integer = std::get_if<std::int64_t>(&one);
        total += integer != nullptr ? static_cast<double>(*integer) : std::get<double>(one);
    }
    return total / static_cast<double>(values.size());
}

Constant aggregate(const BoundAggregate& one, const std::vector<const StoredObject*>& rows,
                   Evaluator& evaluator, double& slack) {
    if (one.aggregation == Aggregation::kCount) return static_cast<std::int64_t>(rows.size());
    std::vector<Constant> values;
    for (const StoredObject* row : rows) {
        Constant value = evaluator.key(*one.operand, row->value);
        if (!std::holds_alternative<std::monostate>(value)) values.push_back(std::move(value));
    }
    if (one.aggregation == Aggregation::kSum || one.aggregation == Aggregation::kAverage) {
        std::erase_if(values, [](const Constant& value) { return !is_summand(value); });
        slack = 1e-13 * magnitude(values);
    }
    switch (one.aggregation) {
        case Aggregation::kSum:
            return sum(values);
        case Aggregation::kAverage:
            return average(values);
        case Aggregation::kCountDistinct:
            return static_cast<std::int64_t>(
                std::set<Constant, Before>(values.begin(), values.end()).size());
        case Aggregation::kMin:
            return values.empty() ? Constant() : *std::ranges::min_element(values, Before());
        default:
            return values.empty() ? Constant() : *std::ranges::max_element(values, Before());
    }
}

}  // namespace

std::vector<std::int64_t> reference_rows(const BoundQuery& query, RandomObjects& objects) {
    struct Row {
        std::int64_t row_id;
        Keys keys;
    };
    Evaluator evaluator(objects);
    std::vector<Row> rows;
    for (const StoredObject& one : objects.all()) {
        if (!matches(query, one, evaluator)) continue;
        Row& row = rows.emplace_back(Row{one.row_id, {}});
        for (const BoundOrder& order : query.options.orderby) {
            row.keys.push_back(evaluator.key(order.expression, one.value));
        }
    }
    const std::vector<BoundOrder>& order = query.options.orderby;
    std::ranges::sort(rows, [&](const Row& left, const Row& right) {
        for (std::size_t i = 0; i < order.size(); ++i) {
            const auto compared = compare(left.keys[i], right.keys[i]);
            if (compared != 0) return order[i].descending ? compared > 0 : compared < 0;
        }
        const bool descending = !order.empty() && order.back().descending;
        return descending ? left.row_id > right.row_id : left.row_id < right.row_id;
    });
    std::vector<std::int64_t> made;
    for (const Row& row : rows) made.push_back(row.row_id);
    return made;
}

std::vector<ReferenceGroup> reference_groups(const BoundQuery& query, RandomObjects& objects) {
    const BoundApply& apply = *query.apply;
    Evaluator evaluator(objects);
    std::map<Keys, std::vector<const StoredObject*>, Before> groups;
    if (apply.groups.empty()) groups[{}];
    for (const StoredObject& one : objects.all()) {
        if (!matches(query, one, evaluator)) continue;
        Keys key;
        for (const BoundExpression& group : apply.groups) {
            key.push_back(evaluator.key(group, one.value));
        }
        groups[key].push_back(&one);
    }
    std::vector<ReferenceGroup> made;
    for (const auto& [key, rows] : groups) {
        std::vector<Constant> columns = key;
        std::vector<double> slack(apply.columns.size());
        for (const BoundAggregate& one : apply.aggregates) {
            columns.push_back(aggregate(one, rows, evaluator, slack[columns.size()]));
        }
        const bool stays = std::ranges::all_of(apply.after, [&](const BoundExpression& one) {
            return evaluator.matches_result(one, columns);
        });
        if (stays) made.push_back({std::move(columns), std::move(slack)});
    }
    const std::vector<BoundOrder>& order = query.options.orderby;
    std::ranges::sort(made, [&](const ReferenceGroup& left, const ReferenceGroup& right) {
        for (const BoundOrder& one : order) {
            const auto compared = compare(evaluator.key_of_result(one.expression, left.columns),
                                          evaluator.key_of_result(one.expression, right.columns));
            if (compared != 0) return one.descending ? compared > 0 : compared < 0;
        }
        // The groups themselves, which tell rows apart.
        return std::lexicographical_compare(
            left.columns.begin(),
            left.columns.begin() + static_cast<std::ptrdiff_t>(apply.groups.size()),
            right.columns.begin(),
            right.columns.begin() + static_cast<std::ptrdiff_t>(apply.groups.size()),
            [](const auto& a, const auto& b) { return compare(a, b) < 0; });
    });
    return made;
}

}  // namespace vmsecurity::odata::testing
