#include "odata/bound.h"

#include <algorithm>

namespace vmsecurity::odata {
namespace {

void add_paths(const BoundExpression& expression, std::vector<const BoundPath*>& made) {
    const auto add_all = [&](const std::vector<BoundExpression>& operands) {
        for (const BoundExpression& one : operands) add_paths(one, made);
    };
    std::visit(
        [&](const auto& node) {
            if constexpr (requires { node.legs; }) made.push_back(&node);
            if constexpr (requires { node.collection; }) made.push_back(&node.collection);
            if constexpr (requires { node.operand; }) add_paths(*node.operand, made);
            if constexpr (requires { node.left; }) {
                add_paths(*node.left, made);
                add_paths(*node.right, made);
            }
            if constexpr (requires { node.operands; }) add_all(node.operands);
            if constexpr (requires { node.arguments; }) add_all(node.arguments);
            if constexpr (requires { node.predicate; }) {
                if (node.predicate) add_paths(*node.predicate, made);
            }
        },
        expression.node);
}

}  // namespace

std::optional<std::int64_t> Vocabulary::rank(std::string_view word) const {
    std::int64_t base = 0;
    for (const auto& group : groups) {
        const auto found = std::ranges::find(group, word);
        if (found != group.end()) return base + (found - group.begin());
        base += static_cast<std::int64_t>(group.size());
    }
    return std::nullopt;
}

std::string_view Vocabulary::word(std::int64_t rank) const {
    for (const auto& group : groups) {
        if (rank < 0) break;
        if (static_cast<std::size_t>(rank) < group.size())
            return group[static_cast<std::size_t>(rank)];
        rank -= static_cast<std::int64_t>(group.size());
    }
    return {};
}

bool Vocabulary::operator==(const Vocabulary& other) const {
    return ranked == other.ranked &&
           std::ranges::equal(groups, other.groups, [](const auto& left, const auto& right) {
               return std::ranges::equal(left, right);
           });
}

std::string BoundPath::text() const {
    std::string text;
    for (const Leg& leg : legs) {
        for (const std::string_view name : leg.names) {
            if (!text.empty()) text += '/';
            text += name;
        }
    }
    return text.empty() ? "$it" : text;
}

std::vector<const BoundPath*> paths_of(const BoundExpression& expression) {
    std::vector<const BoundPath*> made;
    add_paths(expression, made);
    return made;
}

Basis natural_basis(const BoundExpression& expression) {
    switch (expression.kind) {
        case ValueKind::kBoolean:
            return Basis::kBoolean;
        case ValueKind::kInteger:
            return Basis::kInteger;
        case ValueKind::kReal:
            return Basis::kReal;
        case ValueKind::kTime:
            return Basis::kTime;
        default:
            break;
    }
    const auto* path = std::get_if<BoundPath>(&expression.node);
    const bool ranked = path != nullptr && path->vocabulary && path->vocabulary->ranked;
    return ranked ? Basis::kRank : Basis::kText;
}

}  // namespace vmsecurity::odata
