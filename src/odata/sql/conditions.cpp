#include <fmt/format.h>

#include <algorithm>

#include "odata/operands.h"
#include "odata/sql/expressions.h"

namespace vmsecurity::odata::sql {
namespace {

std::string_view symbol(ComparisonOperator operation) {
    constexpr std::string_view kSymbols[] = {"=", "<>", ">", ">=", "<", "<="};
    return kSymbols[static_cast<std::size_t>(operation)];
}

}  // namespace

Anchor ExpressionWriter::anchor(const Root& root) const {
    if (root.kind == Root::Kind::kVariable) return PathWriter::element(root.index);
    return {std::string(kRow), false};
}

Fragment ExpressionWriter::condition(const BoundExpression& expression, Truth truth) {
    const auto& node = expression.node;
    if (const auto* constant = std::get_if<Constant>(&node)) {
        return atom(std::get<bool>(*constant) ? "TRUE" : "FALSE");
    }
    if (const auto* path = std::get_if<BoundPath>(&node)) return path_value(*path, Basis::kBoolean);
    if (const auto* negated = std::get_if<BoundNot>(&node)) {
        return compose("(NOT {})", {condition(*negated->operand, Truth::kExact)});
    }
    if (const auto* logical = std::get_if<BoundLogical>(&node)) {
        std::vector<Fragment> operands;
        for (const BoundExpression& one : logical->operands) {
            operands.push_back(condition(one, truth));
        }
        return join(std::move(operands),
                    logical->operation == LogicalOperator::kAnd ? " AND " : " OR ");
    }
    if (const auto* one = std::get_if<BoundComparison>(&node)) return comparison(*one, truth);
    if (const auto* test = std::get_if<BoundNullTest>(&node)) return null_test(*test);
    if (const auto* one = std::get_if<BoundMembership>(&node)) return membership(*one, truth);
    if (const auto* one = std::get_if<BoundLambda>(&node)) return lambda(*one);
    return call_condition(std::get<BoundCall>(node), truth);
}

Fragment ExpressionWriter::compare(ComparisonOperator operation, const Fragment& left,
                                   const Fragment& right, bool never_null) {
    if (operation == ComparisonOperator::kNe) {
        return compose(sqlite() ? "({} IS NOT {})" : "({} IS DISTINCT FROM {})", {left, right});
    }
    if (operation == ComparisonOperator::kEq && !never_null) {
        return compose(sqlite() ? "({} IS {})" : "({} IS NOT DISTINCT FROM {})", {left, right});
    }
    return compose(fmt::format("({{}} {} {{}})", symbol(operation)), {left, right});
}

Fragment ExpressionWriter::comparison(const BoundComparison& one, Truth truth) {
    const Constant* constant = constant_of(*one.right);
    const bool equality =
        one.operation == ComparisonOperator::kEq || one.operation == ComparisonOperator::kNe;
    if (const RelationRule* rule = relation_rule(*one.left);
        rule != nullptr && constant != nullptr && equality) {
        const Fragment made = relation_condition(*rule, parameters_.add(*constant).text);
        return one.operation == ComparisonOperator::kNe ? compose("NOT {}", {made}) : made;
    }
    const BoundPath* path = path_of(*one.left);
    if (truth == Truth::kOnlyTrue && path != nullptr && constant != nullptr &&
        path->legs.size() > 1 && one.operation != ComparisonOperator::kNe) {
        // Through a relation: what matches there is found first, by an index if there is one.
        const Anchor there{paths_.fresh_alias(), false};
        const std::span<const Leg> rest = std::span(path->legs).subspan(1);
        const Fragment left = paths_.value(*path, rest, there, one.basis);
        const Fragment right = parameters_.add(*constant);
        return compose("({} IN (SELECT " + there.alias + ".id FROM " +
                           std::string(rest.front().collection->table) + " AS " + there.alias +
                           " WHERE {}))",
                       {paths_.reference(path->legs.front(), anchor(path->root)),
                        compare(one.operation, left, right, true)});
    }
    const Fragment left = value(*one.left, one.basis);
    const Fragment right = value(*one.right, one.basis);
    const bool never_null = constant != nullptr && truth == Truth::kOnlyTrue;
    Fragment made = compare(one.operation, left, right, never_null);
    if (truth == Truth::kExact && !equality) return compose("({} IS TRUE)", {made});
    return made;
}

Fragment ExpressionWriter::null_test(const BoundNullTest& test) {
    const std::string_view format = test.is_null ? "({} IS NULL)" : "({} IS NOT NULL)";
    if (const BoundPath* path = path_of(*test.operand)) {
        if (path->root.kind == Root::Kind::kResult) {
            return compose(format, {path_value(*path, natural_basis(*test.operand))});
        }
        return compose(format, {paths_.presence(*path, path->legs, anchor(path->root))});
    }
    return compose(format, {value(*test.operand, natural_basis(*test.operand))});
}

Fragment ExpressionWriter::membership(const BoundMembership& one, Truth truth) {
    std::vector<Fragment> alternatives;
    const RelationRule* rule = relation_rule(*one.operand);
    if (!one.values.empty()) {
        std::string list;
        for (const Constant& constant : one.values) {
            if (!list.empty()) list += ',';
            list += parameters_.add(constant).text;
        }
        if (rule != nullptr) {
            alternatives.push_back(relation_condition(*rule, list));
        } else {
            Fragment made = compose("{} IN (", {value(*one.operand, one.basis)});
            made.text += list + ')';
            made.weight = std::max(made.weight, 8);
            alternatives.push_back(truth == Truth::kExact ? compose("({} IS TRUE)", {made}) : made);
        }
    }
    if (one.null_too) {
        const BoundPath* path = path_of(*one.operand);
        alternatives.push_back(
            compose("({} IS NULL)", {path != nullptr && path->root.kind != Root::Kind::kResult
                                         ? paths_.presence(*path, path->legs, anchor(path->root))
                                         : value(*one.operand, natural_basis(*one.operand))}));
    }
    return join(std::move(alternatives), " OR ");
}

Fragment ExpressionWriter::lambda(const BoundLambda& one) {
    const Anchor element = PathWriter::element(one.variable);
    const Fragment elements = paths_.elements(one.collection, one.collection.legs,
                                              anchor(one.collection.root), element.alias);
    if (!one.predicate) return compose("EXISTS (SELECT 1 FROM {})", {elements});
    if (one.quantifier == Quantifier::kAny) {
        return compose("EXISTS (SELECT 1 FROM {} WHERE {})",
                       {elements, condition(*one.predicate, Truth::kOnlyTrue)});
    }
    return compose("(NOT EXISTS (SELECT 1 FROM {} WHERE {} IS NOT TRUE))",
                   {elements, condition(*one.predicate, Truth::kExact)});
}

}  // namespace vmsecurity::odata::sql
