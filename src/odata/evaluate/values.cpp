#include <cmath>
#include <limits>

#include "base/text.h"
#include "model/schema/canonical.h"
#include "odata/evaluate/evaluator.h"
#include "odata/evaluate/text.h"

namespace vmsecurity::odata {
namespace {

constexpr double kLeast = 1e-150;
constexpr double kMost = 1e150;

Constant calculate(ArithmeticOperator operation, std::int64_t left, std::int64_t right) {
    std::int64_t made = 0;
    bool lost = false;
    switch (operation) {
        case ArithmeticOperator::kAdd:
            lost = __builtin_add_overflow(left, right, &made);
            break;
        case ArithmeticOperator::kSub:
            lost = __builtin_sub_overflow(left, right, &made);
            break;
        case ArithmeticOperator::kMul:
            lost = __builtin_mul_overflow(left, right, &made);
            break;
        case ArithmeticOperator::kDiv:
            lost = right == 0 || (right == -1 && __builtin_sub_overflow(0, left, &made));
            if (!lost) made = right == -1 ? made : left / right;
            break;
        case ArithmeticOperator::kMod:
            lost = right == 0;
            if (!lost) made = right == -1 ? 0 : left % right;
            break;
    }
    return lost ? Constant() : Constant(made);
}

Constant calculate(ArithmeticOperator operation, double left, double right) {
    const auto fits = [](double value) { return std::abs(value) <= kMost; };
    const auto fits_factor = [&](double value) {
        return value == 0 || (fits(value) && std::abs(value) >= kLeast);
    };
    switch (operation) {
        case ArithmeticOperator::kAdd:
            return fits(left) && fits(right) ? Constant(left + right) : Constant();
        case ArithmeticOperator::kSub:
            return fits(left) && fits(right) ? Constant(left - right) : Constant();
        case ArithmeticOperator::kMul:
            return fits_factor(left) && fits_factor(right) ? Constant(left * right) : Constant();
        case ArithmeticOperator::kDiv:
            return fits_factor(left) && fits_factor(right) && right != 0 ? Constant(left / right)
                                                                         : Constant();
        case ArithmeticOperator::kMod:
            break;  // of whole numbers alone
    }
    return {};
}

Constant time_part(Function function, Instant instant) {
    switch (function) {
        case Function::kYear:
            return civil_date(instant).year;
        case Function::kMonth:
            return std::int64_t{civil_date(instant).month};
        case Function::kDay:
            return std::int64_t{civil_date(instant).day};
        case Function::kHour:
            return hour_of_day(instant);
        case Function::kMinute:
            return minute_of_hour(instant);
        default:
            return start_of_day(instant);
    }
}

Constant as_basis(Constant value, Basis basis) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    if (basis == Basis::kReal && integer != nullptr) return static_cast<double>(*integer);
    return value;
}

}  // namespace

Constant Evaluator::value(const BoundExpression& expression, Basis basis) {
    if (!step()) return {};
    const auto& node = expression.node;
    if (const auto* constant = std::get_if<Constant>(&node)) return as_basis(*constant, basis);
    if (const auto* path = std::get_if<BoundPath>(&node)) return path_value(*path, basis);
    if (expression.kind == ValueKind::kBoolean) {
        const std::optional<bool> truth = condition(expression);
        return truth ? Constant(*truth) : Constant();
    }
    if (const auto* one = std::get_if<BoundArithmetic>(&node)) {
        return as_basis(arithmetic(*one), basis);
    }
    if (const auto* one = std::get_if<BoundNegation>(&node)) {
        return as_basis(negation(*one, expression.kind == ValueKind::kReal), basis);
    }
    if (const auto* count = std::get_if<BoundCount>(&node)) {
        const boost::json::array* all = elements(count->collection);
        return as_basis(static_cast<std::int64_t>(all == nullptr ? 0 : all->size()), basis);
    }
    return as_basis(call_value(std::get<BoundCall>(node)), basis);
}

Constant Evaluator::negation(const BoundNegation& one, bool real) {
    const Constant operand = value(*one.operand, real ? Basis::kReal : Basis::kInteger);
    if (const auto* number = std::get_if<double>(&operand)) return -*number;
    const auto* number = std::get_if<std::int64_t>(&operand);
    if (number == nullptr) return {};
    return calculate(ArithmeticOperator::kSub, std::int64_t{0}, *number);
}

Constant Evaluator::arithmetic(const BoundArithmetic& one) {
    const Basis basis = one.real ? Basis::kReal : Basis::kInteger;
    const Constant left = value(*one.left, basis);
    const Constant right = value(*one.right, basis);
    if (std::holds_alternative<std::monostate>(left) ||
        std::holds_alternative<std::monostate>(right)) {
        return {};
    }
    if (one.real) {
        return calculate(one.operation, std::get<double>(left), std::get<double>(right));
    }
    return calculate(one.operation, std::get<std::int64_t>(left), std::get<std::int64_t>(right));
}

std::optional<std::string> Evaluator::text(const BoundExpression& expression) {
    if (expression.kind == ValueKind::kStructure) {
        const boost::json::value* found = resolve(std::get<BoundPath>(expression.node));
        if (found == nullptr) return std::nullopt;
        codec::JsonWriter out;
        model::schema::write_json(out, *found);
        return json_without_nul(out.text());
    }
    Constant made = value(expression, Basis::kText);
    auto* text = std::get_if<std::string>(&made);
    return text == nullptr ? std::nullopt : std::optional(std::move(*text));
}

std::optional<bool> Evaluator::call_condition(const BoundCall& call) {
    const std::optional<std::string> whole = text(call.arguments[0]);
    const std::optional<std::string> part = text(call.arguments[1]);
    if (!whole || !part) return std::nullopt;
    switch (call.function) {
        case Function::kStartsWith:
            return whole->starts_with(*part);
        case Function::kEndsWith:
            return whole->ends_with(*part);
        default:
            return whole->find(*part) != std::string::npos;
    }
}

Constant Evaluator::call_value(const BoundCall& call) {
    if (call.arguments.front().kind == ValueKind::kTime) {
        const Constant time = value(call.arguments.front(), Basis::kTime);
        const auto* instant = std::get_if<Instant>(&time);
        return instant == nullptr ? Constant() : time_part(call.function, *instant);
    }
    const std::optional<std::string> first = text(call.arguments.front());
    if (!first) return {};
    if (call.function == Function::kSubstring) {
        const Constant start = value(call.arguments[1], Basis::kInteger);
        const Constant count = call.arguments.size() == 3
                                   ? value(call.arguments[2], Basis::kInteger)
                                   : Constant(std::numeric_limits<std::int64_t>::max());
        const auto* from = std::get_if<std::int64_t>(&start);
        const auto* most = std::get_if<std::int64_t>(&count);
        if (from == nullptr || most == nullptr) return {};
        return substring(*first, *from, *most);
    }
    switch (call.function) {
        case Function::kToLower:
            return base::to_lower(*first);
        case Function::kToUpper:
            return to_upper(*first);
        case Function::kTrim:
            return std::string(trimmed(*first));
        case Function::kLength:
            return length(*first);
        default:
            break;
    }
    const std::optional<std::string> second = text(call.arguments[1]);
    if (!second) return {};
    if (call.function == Function::kIndexOf) return index_of(*first, *second);
    return *first + *second;
}

}  // namespace vmsecurity::odata
