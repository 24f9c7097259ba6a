#include "odata/evaluate/evaluator.h"

#include <algorithm>
#include <utility>

#include "model/schema/numbers.h"
#include "odata/evaluate/text.h"

namespace vmsecurity::odata {
namespace {

const boost::json::value* member(const boost::json::value* value, std::string_view name) {
    const boost::json::object* object = value == nullptr ? nullptr : value->if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
}

const boost::json::value* member(const boost::json::value* value,
                                 std::span<const std::string_view> names) {
    for (const std::string_view name : names) value = member(value, name);
    return value;
}

bool passes(const boost::json::value* start, const Guard& guard) {
    const boost::json::value* value = member(start, guard.discriminator);
    const boost::json::string* word = value == nullptr ? nullptr : value->if_string();
    return word != nullptr &&
           std::ranges::find(guard.values, std::string_view(*word)) != guard.values.end();
}

// A JSON value in the form of `basis`; monostate where it has another type.
Constant read(const boost::json::value& value, Basis basis,
              const std::optional<Vocabulary>& words) {
    if (basis == Basis::kBoolean) return value.is_bool() ? Constant(value.get_bool()) : Constant();
    if (basis == Basis::kInteger) {
        const auto number = model::schema::whole_number(value);
        return number ? Constant(*number) : Constant();
    }
    if (basis == Basis::kReal) {
        const auto number = model::schema::real_number(value);
        return number ? Constant(*number) : Constant();
    }
    const boost::json::string* text = value.if_string();
    if (text == nullptr) return {};
    if (basis == Basis::kText) return without_nul(*text);
    if (basis == Basis::kTime) {
        const auto instant = parse_instant(*text);
        return instant ? Constant(*instant) : Constant();
    }
    const auto rank = words->rank(*text);
    return rank ? Constant(*rank) : Constant();
}

template <typename Order>
bool holds(ComparisonOperator operation, Order order) {
    switch (operation) {
        case ComparisonOperator::kEq:
            return order == 0;
        case ComparisonOperator::kNe:
            return order != 0;
        case ComparisonOperator::kGt:
            return order > 0;
        case ComparisonOperator::kGe:
            return order >= 0;
        case ComparisonOperator::kLt:
            return order < 0;
        case ComparisonOperator::kLe:
            return order <= 0;
    }
    return false;
}

bool is_null_value(const Constant& value) {
    return std::holds_alternative<std::monostate>(value);
}

}  // namespace

bool Evaluator::matches(const BoundExpression& expression, const boost::json::value& row) {
    row_ = &row;
    return condition(expression).value_or(false);
}

Constant Evaluator::key(const BoundExpression& expression, const boost::json::value& row) {
    row_ = &row;
    return value(expression, natural_basis(expression));
}

bool Evaluator::matches_result(const BoundExpression& expression,
                               std::span<const Constant> columns) {
    columns_ = columns;
    return condition(expression).value_or(false);
}

Constant Evaluator::key_of_result(const BoundExpression& expression,
                                  std::span<const Constant> columns) {
    columns_ = columns;
    return value(expression, natural_basis(expression));
}

const boost::json::value* Evaluator::resolve(const BoundPath& path) {
    const boost::json::value* start =
        path.root.kind == Root::Kind::kVariable ? variables_[path.root.index] : row_;
    for (std::size_t i = 0; i < path.legs.size(); ++i) {
        const Leg& leg = path.legs[i];
        const bool meant =
            std::ranges::all_of(leg.guards, [&](const Guard& one) { return passes(start, one); });
        const boost::json::value* found = meant ? member(start, leg.names) : nullptr;
        if (i + 1 == path.legs.size()) {
            return found == nullptr || found->is_null() ? nullptr : found;
        }
        const boost::json::value* id = member(found, "id");
        const boost::json::string* text = id == nullptr ? nullptr : id->if_string();
        if (text == nullptr) return nullptr;
        start = objects_->find(*path.legs[i + 1].collection, *text);
        if (start == nullptr) return nullptr;
    }
    return nullptr;
}

const boost::json::array* Evaluator::elements(const BoundPath& path) {
    const boost::json::value* found = resolve(path);
    return found == nullptr ? nullptr : found->if_array();
}

Constant Evaluator::path_value(const BoundPath& path, Basis basis) {
    if (path.root.kind == Root::Kind::kResult) {
        const Constant& column = columns_[path.root.index];
        const auto* number = std::get_if<std::int64_t>(&column);
        if (number != nullptr && basis == Basis::kReal) return static_cast<double>(*number);
        const bool ranked = path.vocabulary && path.vocabulary->ranked;
        if (number == nullptr || !ranked || basis != Basis::kText) return column;
        return std::string(path.vocabulary->word(*number));
    }
    const boost::json::value* found = resolve(path);
    return found == nullptr ? Constant() : read(*found, basis, path.vocabulary);
}

std::optional<bool> Evaluator::condition(const BoundExpression& expression) {
    if (!step()) return std::nullopt;
    const auto& node = expression.node;
    if (const auto* constant = std::get_if<Constant>(&node)) return std::get<bool>(*constant);
    if (const auto* path = std::get_if<BoundPath>(&node)) {
        const Constant found = path_value(*path, Basis::kBoolean);
        const bool* truth = std::get_if<bool>(&found);
        return truth == nullptr ? std::nullopt : std::optional(*truth);
    }
    if (const auto* negated = std::get_if<BoundNot>(&node)) {
        const std::optional<bool> operand = condition(*negated->operand);
        return operand ? std::optional(!*operand) : std::nullopt;
    }
    if (const auto* one = std::get_if<BoundLogical>(&node)) return logical(*one);
    if (const auto* one = std::get_if<BoundComparison>(&node)) return comparison(*one);
    if (const auto* test = std::get_if<BoundNullTest>(&node)) {
        return is_null(*test->operand) == test->is_null;
    }
    if (const auto* one = std::get_if<BoundMembership>(&node)) return membership(*one);
    if (const auto* one = std::get_if<BoundLambda>(&node)) return lambda(*one);
    return call_condition(std::get<BoundCall>(node));
}

std::optional<bool> Evaluator::logical(const BoundLogical& one) {
    // What decides alone: false for and, true for or.
    const bool decisive = one.operation == LogicalOperator::kOr;
    bool unknown = false;
    for (const BoundExpression& operand : one.operands) {
        const std::optional<bool> truth = condition(operand);
        if (truth == decisive) return decisive;
        unknown = unknown || !truth;
    }
    return unknown ? std::nullopt : std::optional(!decisive);
}

bool Evaluator::comparison(const BoundComparison& one) {
    const Constant left = value(*one.left, one.basis);
    const Constant right = value(*one.right, one.basis);
    const bool has_null = is_null_value(left) || is_null_value(right);
    const bool ordered =
        one.operation != ComparisonOperator::kEq && one.operation != ComparisonOperator::kNe;
    if (has_null && ordered) return false;
    return holds(one.operation, compare(left, right));
}

bool Evaluator::membership(const BoundMembership& one) {
    if (one.null_too && is_null(*one.operand)) return true;
    const Constant operand = value(*one.operand, one.basis);
    return !is_null_value(operand) && std::ranges::find(one.values, operand) != one.values.end();
}

bool Evaluator::lambda(const BoundLambda& one) {
    const bool any = one.quantifier == Quantifier::kAny;
    const boost::json::array* all = elements(one.collection);
    if (all == nullptr || all->empty()) return !any;
    if (!one.predicate) return true;
    variables_.resize(std::max(variables_.size(), one.variable + 1));
    return std::ranges::any_of(*all, [&](const boost::json::value& element) {
               variables_[one.variable] = &element;
               return condition(*one.predicate).value_or(false) == any;
           }) == any;
}

bool Evaluator::is_null(const BoundExpression& expression) {
    const auto* path = std::get_if<BoundPath>(&expression.node);
    if (path != nullptr && path->root.kind != Root::Kind::kResult) {
        return resolve(*path) == nullptr;
    }
    return is_null_value(value(expression, natural_basis(expression)));
}

std::strong_ordering compare(const Constant& left, const Constant& right) {
    if (left.index() != right.index()) return left.index() <=> right.index();
    return std::visit(
        [&](const auto& one) -> std::strong_ordering {
            using Value = std::decay_t<decltype(one)>;
            const auto& other = std::get<Value>(right);
            if constexpr (std::is_same_v<Value, double>) {
                // No expression gives NaN, and zeros are equal.
                if (one == other) return std::strong_ordering::equal;
                return one < other ? std::strong_ordering::less : std::strong_ordering::greater;
            } else {
                return one <=> other;
            }
        },
        left);
}

}  // namespace vmsecurity::odata
