#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <utility>

#include "odata/expression_binder.h"
#include "odata/operands.h"
#include "odata/problem.h"

// What can be compared with what, and as what.
namespace vmsecurity::odata {
namespace {

ComparisonOperator mirrored(ComparisonOperator operation) {
    switch (operation) {
        case ComparisonOperator::kGt:
            return ComparisonOperator::kLt;
        case ComparisonOperator::kGe:
            return ComparisonOperator::kLe;
        case ComparisonOperator::kLt:
            return ComparisonOperator::kGt;
        case ComparisonOperator::kLe:
            return ComparisonOperator::kGe;
        default:
            return operation;
    }
}

bool is_ordered(ComparisonOperator operation) {
    return operation != ComparisonOperator::kEq && operation != ComparisonOperator::kNe;
}

// A whole number within what both int64 and double hold exactly.
bool is_exact_integer(double value) {
    constexpr double kBound = 9007199254740992.0;
    return std::abs(value) <= kBound && std::trunc(value) == value;
}

// The first and the last rank of the words that have an order with `rank`.
std::pair<std::int64_t, std::int64_t> ranks_beside(const Vocabulary& words, std::int64_t rank) {
    std::int64_t first = 0;
    for (const auto& group : words.groups) {
        const auto next = first + static_cast<std::int64_t>(group.size());
        if (rank < next) return {first, next - 1};
        first = next;
    }
    return {first, first};
}

}  // namespace

base::Result<BoundExpression> ExpressionBinder::bind_comparison(const Expression& expression,
                                                                const Comparison& comparison) {
    VMSECURITY_ASSIGN(BoundExpression left, bind(*comparison.left));
    VMSECURITY_ASSIGN(BoundExpression right, bind(*comparison.right));
    ComparisonOperator operation = comparison.operation;
    if (constant_of(left) != nullptr && constant_of(right) == nullptr) {
        std::swap(left, right);
        operation = mirrored(operation);
    }
    const auto made = [&](auto node) {
        return BoundExpression{expression.position, ValueKind::kBoolean, std::move(node)};
    };
    if (right.kind == ValueKind::kNull) {
        // null equals null and nothing else, and is neither more nor less than anything.
        if (is_ordered(operation)) return made(Constant{false});
        const bool is_null = operation == ComparisonOperator::kEq;
        if (left.kind == ValueKind::kNull) return made(Constant{is_null});
        if (constant_of(left) != nullptr) return made(Constant{!is_null});
        return made(BoundNullTest{is_null, to_heap(std::move(left))});
    }
    if (left.kind == ValueKind::kNull) return made(Constant{operation == ComparisonOperator::kNe});

    const bool ordered = is_ordered(operation);
    VMSECURITY_ASSIGN(const Basis basis, settle(left, right, ordered, expression.position));
    const Constant* constant = constant_of(right);
    std::optional<std::pair<std::int64_t, std::int64_t>> beside;
    if (basis == Basis::kRank && ordered && constant != nullptr) {
        const Vocabulary& words = *path_of(left)->vocabulary;
        if (words.groups.size() > 1)
            beside = ranks_beside(words, std::get<std::int64_t>(*constant));
    }
    if (!beside) {
        return made(
            BoundComparison{operation, basis, to_heap(std::move(left)), to_heap(std::move(right))});
    }
    // Words of other variants have no order with this one; so they are left out.
    const bool upwards =
        operation == ComparisonOperator::kGt || operation == ComparisonOperator::kGe;
    BoundExpression again{left.position, left.kind, *path_of(left)};
    BoundExpression bound{right.position, ValueKind::kInteger,
                          Constant{upwards ? beside->second : beside->first}};
    BoundLogical both{LogicalOperator::kAnd, {}};
    both.operands.push_back(made(
        BoundComparison{operation, basis, to_heap(std::move(left)), to_heap(std::move(right))}));
    both.operands.push_back(
        made(BoundComparison{upwards ? ComparisonOperator::kLe : ComparisonOperator::kGe, basis,
                             to_heap(std::move(again)), to_heap(std::move(bound))}));
    return made(std::move(both));
}

base::Result<BoundExpression> ExpressionBinder::bind_membership(const Expression& expression,
                                                                const Membership& membership) {
    VMSECURITY_ASSIGN(BoundExpression operand, bind(*membership.operand));
    VMSECURITY_TRY(require_single(operand));
    BoundMembership made{Basis::kText, nullptr, {}, false};
    std::optional<Basis> basis;
    for (const Expression& item : membership.list) {
        VMSECURITY_ASSIGN(BoundExpression value, bind(item));
        if (value.kind == ValueKind::kNull) {
            made.null_too = true;
            continue;
        }
        VMSECURITY_ASSIGN(const Basis one, settle(operand, value, false, value.position));
        // Whole numbers among fractions make all of them fractions.
        if (!basis || one == Basis::kReal) basis = one;
        made.values.push_back(std::get<Constant>(value.node));
    }
    made.basis = basis.value_or(Basis::kText);
    for (Constant& value : made.values) {
        const auto* integer = std::get_if<std::int64_t>(&value);
        if (made.basis == Basis::kReal && integer != nullptr) value = static_cast<double>(*integer);
    }
    made.operand = to_heap(std::move(operand));
    return BoundExpression{expression.position, ValueKind::kBoolean, std::move(made)};
}

base::Result<Basis> ExpressionBinder::settle(BoundExpression& left, BoundExpression& right,
                                             bool ordered, std::size_t position) const {
    VMSECURITY_TRY(require_single(left));
    VMSECURITY_TRY(require_single(right));
    if (left.kind == ValueKind::kTime) VMSECURITY_TRY(to_time(right));
    if (right.kind == ValueKind::kTime) VMSECURITY_TRY(to_time(left));
    if (is_number(left.kind) && is_number(right.kind)) {
        const Constant* constant = constant_of(right);
        if (constant != nullptr && left.kind == ValueKind::kInteger) {
            const auto* real = std::get_if<double>(constant);
            if (real != nullptr && is_exact_integer(*real)) {
                right = {right.position, ValueKind::kInteger,
                         Constant{static_cast<std::int64_t>(*real)}};
            }
        }
        if (left.kind == ValueKind::kInteger && right.kind == ValueKind::kInteger) {
            return Basis::kInteger;
        }
        constant = constant_of(right);
        const auto* integer = constant == nullptr ? nullptr : std::get_if<std::int64_t>(constant);
        if (integer != nullptr) {
            right = {right.position, ValueKind::kReal, Constant{static_cast<double>(*integer)}};
        }
        return Basis::kReal;
    }
    if (left.kind != right.kind) return mismatch(left, right, position);
    switch (left.kind) {
        case ValueKind::kTime:
            return Basis::kTime;
        case ValueKind::kBoolean:
            if (!ordered) return Basis::kBoolean;
            return fail_at(target_, position, "true and false have no order; use eq or ne.");
        default:
            break;
    }
    const BoundPath* path = path_of(left);
    if (path == nullptr || !path->vocabulary) return Basis::kText;
    bool ranked = path->vocabulary->ranked;
    if (constant_of(right) != nullptr) {
        if (ordered && !ranked) return Basis::kText;
        VMSECURITY_TRY(settle_word(*path, right, ranked));
        return ranked ? Basis::kRank : Basis::kText;
    }
    const BoundPath* other = path_of(right);
    const bool same = other != nullptr && other->vocabulary == path->vocabulary;
    return ranked && same ? Basis::kRank : Basis::kText;
}

base::Result<void> ExpressionBinder::settle_word(const BoundPath& path, BoundExpression& constant,
                                                 bool& ranked) const {
    const std::string& word = std::get<std::string>(std::get<Constant>(constant.node));
    const std::optional<std::int64_t> rank = path.vocabulary->rank(word);
    if (!rank) {
        std::vector<std::string_view> words;
        for (const auto& group : path.vocabulary->groups) {
            words.insert(words.end(), group.begin(), group.end());
        }
        return fail_at(target_, constant.position,
                       fmt::format("'{}' is never '{}'. It is one of {}.", path.text(), word,
                                   fmt::join(words, ", ")));
    }
    if (ranked) constant = {constant.position, ValueKind::kInteger, Constant{*rank}};
    return {};
}

base::Result<void> ExpressionBinder::to_time(BoundExpression& value) const {
    const Constant* constant = constant_of(value);
    const auto* text = constant == nullptr ? nullptr : std::get_if<std::string>(constant);
    if (text == nullptr) return {};
    const std::optional<Instant> instant = parse_instant(*text);
    if (!instant) {
        return fail_at(target_, value.position,
                       fmt::format("'{}' is no time. Write 2023-01-20T15:46:18Z, with or without "
                                   "quotes.",
                                   *text));
    }
    value = {value.position, ValueKind::kTime, Constant{*instant}};
    return {};
}

tl::unexpected<base::Error> ExpressionBinder::mismatch(const BoundExpression& left,
                                                       const BoundExpression& right,
                                                       std::size_t position) const {
    std::string_view hint;
    if (constant_of(right) != nullptr) {
        position = right.position;
        if (left.kind == ValueKind::kText) hint = " Put the value in single quotes.";
        if (right.kind == ValueKind::kText) hint = " Write the value without quotes.";
    }
    return fail_at(target_, position,
                   fmt::format("These cannot be compared: {}, and {}.{}", describe(left),
                               describe(right), hint));
}

}  // namespace vmsecurity::odata
