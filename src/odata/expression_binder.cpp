#include "odata/expression_binder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "odata/names.h"
#include "odata/operands.h"
#include "odata/problem.h"

namespace vmsecurity::odata {

base::Result<BoundExpression> ExpressionBinder::bind(const Expression& expression) {
    const auto* node = &expression.node;
    if (const auto* constant = std::get_if<Constant>(node)) {
        return BoundExpression{expression.position, kind_of(*constant), *constant};
    }
    if (const auto* path = std::get_if<Path>(node)) return bind_path_expression(expression, *path);
    if (const auto* logical = std::get_if<Logical>(node)) return bind_logical(expression, *logical);
    if (const auto* comparison = std::get_if<Comparison>(node)) {
        return bind_comparison(expression, *comparison);
    }
    if (const auto* membership = std::get_if<Membership>(node)) {
        return bind_membership(expression, *membership);
    }
    if (const auto* arithmetic = std::get_if<Arithmetic>(node)) {
        return bind_arithmetic(expression, *arithmetic);
    }
    if (const auto* call = std::get_if<Call>(node)) return bind_call(expression, *call);

    const auto& unary = std::get<Unary>(*node);
    VMSECURITY_ASSIGN(BoundExpression operand, bind(*unary.operand));
    if (unary.operation == UnaryOperator::kNot) {
        if (operand.kind != ValueKind::kBoolean) {
            return fail_at(target_, operand.position,
                           fmt::format("`not` needs a condition, but {}. It binds more tightly "
                                       "than eq: write not (a eq b).",
                                       describe(operand)));
        }
        return BoundExpression{expression.position, ValueKind::kBoolean,
                               BoundNot{to_heap(std::move(operand))}};
    }
    if (!is_number(operand.kind)) {
        return fail_at(target_, operand.position,
                       fmt::format("'-' needs a number, but {}.", describe(operand)));
    }
    const ValueKind kind = operand.kind;
    return BoundExpression{expression.position, kind, BoundNegation{to_heap(std::move(operand))}};
}

base::Result<BoundExpression> ExpressionBinder::bind_condition(const Expression& expression) {
    VMSECURITY_ASSIGN(BoundExpression made, bind(expression));
    if (made.kind == ValueKind::kBoolean) return made;
    return fail_at(target_, made.position,
                   fmt::format("A condition is expected, but {}. Compare it, as in "
                               "name eq 'value'.",
                               describe(made)));
}

base::Result<BoundExpression> ExpressionBinder::bind_value(const Expression& expression) {
    VMSECURITY_ASSIGN(BoundExpression made, bind(expression));
    VMSECURITY_TRY(require_single(made));
    if (made.kind == ValueKind::kNull) {
        return fail_at(target_, made.position, "null cannot stand here.");
    }
    return made;
}

base::Result<BoundPath> ExpressionBinder::bind_path(const std::vector<Name>& names) {
    for (std::size_t i = variables_.size(); i > 0; --i) {
        const Variable& variable = variables_[i - 1];
        if (variable.name != names.front().text) continue;
        const Start start{
            {Root::Kind::kVariable, i - 1}, nullptr, variable.type, variable.relation};
        return resolve_path(start, names, 1, target_);
    }
    if (results_ != nullptr) {
        std::vector<std::string> wanted;
        for (const Name& name : names) wanted.push_back(name.text);
        std::vector<std::string> known;
        for (std::size_t i = 0; i < results_->size(); ++i) {
            const ResultColumn& column = (*results_)[i];
            if (column.path == wanted) {
                return BoundPath{
                    {Root::Kind::kResult, i}, {Leg{}}, nullptr, nullptr, column.vocabulary};
            }
            known.push_back(fmt::format("{}", fmt::join(column.path, "/")));
        }
        return fail_at(target_, names.front().position,
                       fmt::format("'{}' is not in the result of $apply.{}", fmt::join(wanted, "/"),
                                   suggest(names.front().text, {known.begin(), known.end()})));
    }
    return resolve_path(start_, names, names.front().text == "$it" ? 1 : 0, target_);
}

base::Result<BoundExpression> ExpressionBinder::bind_path_expression(const Expression& expression,
                                                                     const Path& path) {
    if (path.lambda) return bind_lambda(expression, path);
    VMSECURITY_ASSIGN(BoundPath bound, bind_path(path.names));
    if (path.count_position) {
        if (!is_collection(bound)) {
            return fail_at(target_, *path.count_position,
                           fmt::format("'{}' is no collection and has no $count.", bound.text()));
        }
        return BoundExpression{expression.position, ValueKind::kInteger,
                               BoundCount{std::move(bound)}};
    }
    const ValueKind kind = bound.root.kind == Root::Kind::kResult
                               ? (*results_)[bound.root.index].kind
                               : value_kind(*bound.type);
    return BoundExpression{expression.position, kind, std::move(bound)};
}

base::Result<BoundExpression> ExpressionBinder::bind_lambda(const Expression& expression,
                                                            const Path& path) {
    const Lambda& lambda = *path.lambda;
    VMSECURITY_ASSIGN(BoundPath collection, bind_path(path.names));
    if (!is_collection(collection)) {
        return fail_at(target_, lambda.position,
                       fmt::format("'{}' is no collection; any() and all() are for collections.",
                                   collection.text()));
    }
    BoundLambda made{lambda.quantifier, std::move(collection), variables_.size(), nullptr};
    if (lambda.predicate) {
        variables_.push_back(
            {lambda.variable.text, made.collection.type->element, made.collection.relation});
        base::Result<BoundExpression> predicate = bind_condition(*lambda.predicate);
        variables_.pop_back();
        if (!predicate) return base::fail(std::move(predicate).error());
        made.predicate = to_heap(std::move(*predicate));
    }
    return BoundExpression{expression.position, ValueKind::kBoolean, std::move(made)};
}

base::Result<BoundExpression> ExpressionBinder::bind_logical(const Expression& expression,
                                                             const Logical& logical) {
    BoundLogical made{logical.operation, {}};
    for (const Expression& operand : logical.operands) {
        VMSECURITY_ASSIGN(BoundExpression bound, bind(operand));
        if (bound.kind != ValueKind::kBoolean) {
            return fail_at(target_, bound.position,
                           fmt::format("`{}` joins conditions, but {}. Compare it, as in "
                                       "name eq 'value'.",
                                       to_string(logical.operation), describe(bound)));
        }
        made.operands.push_back(std::move(bound));
    }
    return BoundExpression{expression.position, ValueKind::kBoolean, std::move(made)};
}

base::Result<void> ExpressionBinder::require_single(const BoundExpression& value) const {
    if (value.kind != ValueKind::kStructure) return {};
    const BoundPath& path = *path_of(value);
    const std::string text = path.text();
    if (is_collection(path)) {
        return fail_at(target_, value.position,
                       fmt::format("'{}' is a collection and has no single value; use any(): "
                                   "{}/any(x: x eq ...), or {}/$count.",
                                   text, text, text));
    }
    return fail_at(target_, value.position,
                   fmt::format("'{}' is an object and has no single value; name one of its fields"
                               "{}.",
                               text, path.relation != nullptr ? ", as in " + text + "/id" : ""));
}

}  // namespace vmsecurity::odata
