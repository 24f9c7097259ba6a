#include <fmt/format.h>

#include "odata/expression_binder.h"
#include "odata/operands.h"
#include "odata/problem.h"

// Functions and arithmetic: what their operands may be.
namespace vmsecurity::odata {

base::Result<BoundExpression> ExpressionBinder::bind_call(const Expression& expression,
                                                          const Call& call) {
    if (call.function == Function::kNow) {
        return BoundExpression{expression.position, ValueKind::kTime, Constant{now_}};
    }
    const std::string what = fmt::format("{}()", to_string(call.function));
    std::vector<BoundExpression> arguments;
    for (const Expression& argument : call.arguments) {
        VMSECURITY_ASSIGN(BoundExpression bound, bind(argument));
        arguments.push_back(std::move(bound));
    }
    BoundExpression& first = arguments.front();
    ValueKind kind = ValueKind::kText;
    switch (call.function) {
        case Function::kContains:
            kind = ValueKind::kBoolean;
            if (first.kind != ValueKind::kStructure) {
                VMSECURITY_TRY(require(first, ValueKind::kText, what));
            }
            break;
        case Function::kStartsWith:
        case Function::kEndsWith:
            kind = ValueKind::kBoolean;
            VMSECURITY_TRY(require(first, ValueKind::kText, what));
            break;
        case Function::kLength:
            return bind_length(expression, std::move(first));
        case Function::kIndexOf:
            kind = ValueKind::kInteger;
            VMSECURITY_TRY(require(first, ValueKind::kText, what));
            break;
        case Function::kYear:
        case Function::kMonth:
        case Function::kDay:
        case Function::kHour:
        case Function::kMinute:
        case Function::kDate:
            kind = call.function == Function::kDate ? ValueKind::kTime : ValueKind::kInteger;
            VMSECURITY_TRY(to_time(first));
            VMSECURITY_TRY(require(first, ValueKind::kTime, what));
            break;
        default:
            VMSECURITY_TRY(require(first, ValueKind::kText, what));
            break;
    }
    if (call.function == Function::kDate) {
        const auto* inner = std::get_if<BoundCall>(&first.node);
        // date(date(x)) is date(x); nesting it would double the SQL each time.
        if (inner != nullptr && inner->function == Function::kDate) return std::move(first);
    }
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        VMSECURITY_TRY(require(
            arguments[i],
            call.function == Function::kSubstring ? ValueKind::kInteger : ValueKind::kText, what));
    }
    return BoundExpression{expression.position, kind,
                           BoundCall{call.function, std::move(arguments)}};
}

base::Result<BoundExpression> ExpressionBinder::bind_length(const Expression& expression,
                                                            BoundExpression argument) {
    BoundPath* path = std::get_if<BoundPath>(&argument.node);
    if (path != nullptr && is_collection(*path)) {  // as in 0.6
        return BoundExpression{expression.position, ValueKind::kInteger,
                               BoundCount{std::move(*path)}};
    }
    VMSECURITY_TRY(require(argument, ValueKind::kText, "length()"));
    BoundCall made{Function::kLength, {}};
    made.arguments.push_back(std::move(argument));
    return BoundExpression{expression.position, ValueKind::kInteger, std::move(made)};
}

base::Result<BoundExpression> ExpressionBinder::bind_arithmetic(const Expression& expression,
                                                                const Arithmetic& arithmetic) {
    VMSECURITY_ASSIGN(BoundExpression left, bind(*arithmetic.left));
    VMSECURITY_ASSIGN(BoundExpression right, bind(*arithmetic.right));
    for (const BoundExpression* one : {&left, &right}) {
        if (is_number(one->kind)) continue;
        return fail_at(target_, one->position,
                       fmt::format("`{}` needs numbers, but {}.", to_string(arithmetic.operation),
                                   describe(*one)));
    }
    const bool real = left.kind == ValueKind::kReal || right.kind == ValueKind::kReal;
    if (real && arithmetic.operation == ArithmeticOperator::kMod) {
        return fail_at(target_, expression.position, "`mod` takes whole numbers only.");
    }
    return BoundExpression{expression.position, real ? ValueKind::kReal : ValueKind::kInteger,
                           BoundArithmetic{arithmetic.operation, real, to_heap(std::move(left)),
                                           to_heap(std::move(right))}};
}

base::Result<void> ExpressionBinder::require(const BoundExpression& value, ValueKind kind,
                                             std::string_view what) const {
    if (value.kind == kind) return {};
    return fail_at(target_, value.position,
                   fmt::format("{} needs {} here, but {}.", what, noun(kind), describe(value)));
}

}  // namespace vmsecurity::odata
