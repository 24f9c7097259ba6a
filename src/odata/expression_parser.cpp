#include "odata/expression_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "odata/limits.h"

namespace vmsecurity::odata {
namespace {

enum class Infix : std::uint8_t { kLogical, kComparison, kArithmetic, kIn };

struct InfixOperator {
    std::string_view word;
    int strength;
    Infix kind;
    std::uint8_t value;  // of the enumeration that belongs to `kind`
};

constexpr int kUnaryStrength = 7;

constexpr std::array<InfixOperator, 14> kInfixOperators = {{
    {"or", 1, Infix::kLogical, static_cast<std::uint8_t>(LogicalOperator::kOr)},
    {"and", 2, Infix::kLogical, static_cast<std::uint8_t>(LogicalOperator::kAnd)},
    {"eq", 3, Infix::kComparison, static_cast<std::uint8_t>(ComparisonOperator::kEq)},
    {"ne", 3, Infix::kComparison, static_cast<std::uint8_t>(ComparisonOperator::kNe)},
    {"gt", 4, Infix::kComparison, static_cast<std::uint8_t>(ComparisonOperator::kGt)},
    {"ge", 4, Infix::kComparison, static_cast<std::uint8_t>(ComparisonOperator::kGe)},
    {"lt", 4, Infix::kComparison, static_cast<std::uint8_t>(ComparisonOperator::kLt)},
    {"le", 4, Infix::kComparison, static_cast<std::uint8_t>(ComparisonOperator::kLe)},
    {"in", 4, Infix::kIn, 0},
    {"add", 5, Infix::kArithmetic, static_cast<std::uint8_t>(ArithmeticOperator::kAdd)},
    {"sub", 5, Infix::kArithmetic, static_cast<std::uint8_t>(ArithmeticOperator::kSub)},
    {"mul", 6, Infix::kArithmetic, static_cast<std::uint8_t>(ArithmeticOperator::kMul)},
    {"div", 6, Infix::kArithmetic, static_cast<std::uint8_t>(ArithmeticOperator::kDiv)},
    {"mod", 6, Infix::kArithmetic, static_cast<std::uint8_t>(ArithmeticOperator::kMod)},
}};

const InfixOperator* infix_at(const TokenStream& tokens) {
    const auto* found = std::ranges::find_if(
        kInfixOperators, [&](const InfixOperator& one) { return tokens.at_word(one.word); });
    return found == kInfixOperators.end() ? nullptr : found;
}

struct Signature {
    Function function;
    std::size_t least;
    std::size_t most;
};

constexpr std::array<Signature, 17> kSignatures = {{
    {Function::kContains, 2, 2},
    {Function::kStartsWith, 2, 2},
    {Function::kEndsWith, 2, 2},
    {Function::kLength, 1, 1},
    {Function::kIndexOf, 2, 2},
    {Function::kSubstring, 2, 3},
    {Function::kToLower, 1, 1},
    {Function::kToUpper, 1, 1},
    {Function::kTrim, 1, 1},
    {Function::kConcat, 2, 2},
    {Function::kYear, 1, 1},
    {Function::kMonth, 1, 1},
    {Function::kDay, 1, 1},
    {Function::kHour, 1, 1},
    {Function::kMinute, 1, 1},
    {Function::kDate, 1, 1},
    {Function::kNow, 0, 0},
}};

const Signature* find_function(std::string_view name) {
    const std::string lower = base::to_lower(name);
    const auto* found = std::ranges::find_if(
        kSignatures, [&](const Signature& one) { return to_string(one.function) == lower; });
    return found == kSignatures.end() ? nullptr : found;
}

std::string function_names() {
    std::string names;
    for (const Signature& one : kSignatures) {
        if (!names.empty()) names += ", ";
        names += to_string(one.function);
    }
    return names;
}

Constant negated(const Constant& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return -*integer;
    return -std::get<double>(value);
}

bool is_number(const Constant& value) {
    return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

ExpressionPointer to_heap(Expression expression) {
    return std::make_unique<Expression>(std::move(expression));
}

}  // namespace

base::Result<Expression> ExpressionParser::finish(Expression expression, std::size_t below) {
    VMSECURITY_TRY(tokens_.spend(expression.position));
    expression.depth = below + 1;
    if (expression.depth > kMaxDepth) {
        return tokens_.fail(expression.position,
                            fmt::format("The expression is nested more than {} deep.", kMaxDepth));
    }
    return expression;
}

base::Result<Expression> ExpressionParser::binary(int minimum_strength) {
    VMSECURITY_ASSIGN(Expression left, operand());
    while (const InfixOperator* infix = infix_at(tokens_)) {
        if (infix->strength < minimum_strength) break;
        const std::size_t position = tokens_.current().position;
        VMSECURITY_TRY(tokens_.advance());
        if (infix->kind == Infix::kIn) {
            VMSECURITY_ASSIGN(left, membership(std::move(left), position));
            continue;
        }
        VMSECURITY_ASSIGN(Expression right, binary(infix->strength + 1));
        const std::size_t below = std::max(left.depth, right.depth);
        Expression made{position, Constant{}, 1};
        if (infix->kind == Infix::kLogical) {
            const auto operation = static_cast<LogicalOperator>(infix->value);
            auto* chain = std::get_if<Logical>(&left.node);
            if (chain != nullptr && chain->operation == operation) {
                // a or b or c is one node, so that long lists are not deep.
                const std::size_t chain_depth = std::max(left.depth, right.depth + 1);
                chain->operands.push_back(std::move(right));
                VMSECURITY_ASSIGN(left, finish(std::move(left), chain_depth - 1));
                continue;
            }
            Logical logical{operation, {}};
            logical.operands.push_back(std::move(left));
            logical.operands.push_back(std::move(right));
            made.node = std::move(logical);
        } else if (infix->kind == Infix::kComparison) {
            made.node = Comparison{static_cast<ComparisonOperator>(infix->value),
                                   to_heap(std::move(left)), to_heap(std::move(right))};
        } else {
            made.node = Arithmetic{static_cast<ArithmeticOperator>(infix->value),
                                   to_heap(std::move(left)), to_heap(std::move(right))};
        }
        VMSECURITY_ASSIGN(left, finish(std::move(made), below));
    }
    return left;
}

base::Result<Expression> ExpressionParser::membership(Expression left, std::size_t position) {
    Membership made{to_heap(std::move(left)), {}};
    VMSECURITY_TRY(tokens_.expect('(', "of the list behind `in`"));
    for (;;) {
        const std::size_t start = tokens_.current().position;
        VMSECURITY_ASSIGN(Expression item, operand());
        if (!std::holds_alternative<Constant>(item.node)) {
            return tokens_.fail(start, "A list behind `in` holds values: name in ('a','b').");
        }
        made.list.push_back(std::move(item));
        VMSECURITY_ASSIGN(const bool more, tokens_.accept(','));
        if (!more) break;
    }
    VMSECURITY_TRY(tokens_.expect(')', "or ',' of the list behind `in`"));
    const std::size_t below = made.operand->depth;
    return finish(Expression{position, std::move(made), 1}, below);
}

base::Result<Expression> ExpressionParser::operand() {
    const Token& token = tokens_.current();
    const std::size_t position = token.position;
    if (++nesting_ > kMaxDepth) {
        return tokens_.fail(position,
                            fmt::format("The expression is nested more than {} deep.", kMaxDepth));
    }
    base::Result<Expression> made = [&]() -> base::Result<Expression> {
        if (token.kind == TokenKind::kLiteral) {
            Constant value = token.value;
            VMSECURITY_TRY(tokens_.advance());
            return finish(Expression{position, std::move(value), 1}, 0);
        }
        if (token.kind == TokenKind::kName) return name_operand();
        if (token.is('-')) return prefix(UnaryOperator::kNegate);
        if (token.is('(')) {
            VMSECURITY_TRY(tokens_.advance());
            VMSECURITY_ASSIGN(Expression inner, expression());
            VMSECURITY_TRY(tokens_.expect(')', "that closes the parenthesis"));
            return inner;
        }
        return tokens_.unexpected("a path, a value, a function or '('");
    }();
    --nesting_;
    return made;
}

base::Result<Expression> ExpressionParser::prefix(UnaryOperator operation) {
    const std::size_t position = tokens_.current().position;
    VMSECURITY_TRY(tokens_.advance());
    VMSECURITY_ASSIGN(Expression inner, binary(kUnaryStrength));
    auto* constant = std::get_if<Constant>(&inner.node);
    if (operation == UnaryOperator::kNegate && constant != nullptr && is_number(*constant)) {
        inner.node = negated(*constant);
        inner.position = position;
        return inner;
    }
    const std::size_t below = inner.depth;
    return finish(Expression{position, Unary{operation, to_heap(std::move(inner))}, 1}, below);
}

base::Result<Expression> ExpressionParser::name_operand() {
    const Token token = tokens_.current();
    const auto literal = [&](Constant value) -> base::Result<Expression> {
        VMSECURITY_TRY(tokens_.advance());
        return finish(Expression{token.position, std::move(value), 1}, 0);
    };
    // A name with a separator behind it is a path, whatever the name.
    if (!tokens_.followed_by('/') && !tokens_.followed_by('.')) {
        if (tokens_.at_word("not")) return prefix(UnaryOperator::kNot);
        if (tokens_.at_word("null")) return literal(std::monostate{});
        if (tokens_.at_word("true")) return literal(true);
        if (tokens_.at_word("false")) return literal(false);
        if (tokens_.followed_by('\'')) {
            return tokens_.fail(token.position,
                                fmt::format("Values like {}'...' are not supported. Write the "
                                            "value in single quotes alone.",
                                            token.text));
        }
        if (tokens_.followed_by('(')) {
            const Signature* signature = find_function(token.text);
            if (signature == nullptr) {
                return tokens_.fail(token.position,
                                    fmt::format("There is no function '{}'. There are {}.",
                                                token.text, function_names()));
            }
            VMSECURITY_TRY(tokens_.advance());
            return call(signature->function, token.position);
        }
    }
    VMSECURITY_ASSIGN(Path made, path());
    const bool has_predicate = made.lambda && made.lambda->predicate;
    const std::size_t below = has_predicate ? made.lambda->predicate->depth : 0;
    return finish(Expression{token.position, std::move(made), 1}, below);
}

base::Result<Expression> ExpressionParser::call(Function function, std::size_t position) {
    Call made{function, {}};
    VMSECURITY_TRY(tokens_.expect('(', "behind the function"));
    std::size_t below = 0;
    if (!tokens_.current().is(')')) {
        for (;;) {
            VMSECURITY_ASSIGN(Expression argument, expression());
            below = std::max(below, argument.depth);
            made.arguments.push_back(std::move(argument));
            VMSECURITY_ASSIGN(const bool more, tokens_.accept(','));
            if (!more) break;
        }
    }
    VMSECURITY_TRY(tokens_.expect(')', "or ',' behind the argument"));
    const Signature& signature = *find_function(to_string(function));
    if (made.arguments.size() < signature.least || made.arguments.size() > signature.most) {
        return tokens_.fail(
            position, fmt::format("{}() takes {} argument{}, not {}.", to_string(function),
                                  signature.least == signature.most
                                      ? std::to_string(signature.least)
                                      : fmt::format("{} or {}", signature.least, signature.most),
                                  signature.most == 1 ? "" : "s", made.arguments.size()));
    }
    return finish(Expression{position, std::move(made), 1}, below);
}

base::Result<std::vector<Name>> ExpressionParser::plain_path() {
    std::vector<Name> names;
    for (;;) {
        VMSECURITY_ASSIGN(Name name, tokens_.expect_name("the name of a field"));
        VMSECURITY_TRY(tokens_.spend(name.position));
        names.push_back(std::move(name));
        if (!tokens_.current().is('/') && !tokens_.current().is('.')) return names;
        VMSECURITY_TRY(tokens_.advance());
    }
}

base::Result<Path> ExpressionParser::path() {
    Path made;
    if (tokens_.at_word("$it") || tokens_.at_word("$this")) {
        made.names.push_back({"$it", tokens_.current().position});
        VMSECURITY_TRY(tokens_.advance());
    } else {
        VMSECURITY_ASSIGN(Name first, tokens_.expect_name("the name of a field"));
        made.names.push_back(std::move(first));
    }
    while (tokens_.current().is('/') || tokens_.current().is('.')) {
        VMSECURITY_TRY(tokens_.advance());
        const std::size_t position = tokens_.current().position;
        if (tokens_.at_word("$count")) {
            VMSECURITY_TRY(tokens_.advance());
            made.count_position = position;
            return made;
        }
        const bool any = tokens_.at_word("any");
        if ((any || tokens_.at_word("all")) && tokens_.followed_by('(')) {
            VMSECURITY_ASSIGN(made.lambda, lambda(any ? Quantifier::kAny : Quantifier::kAll));
            return made;
        }
        VMSECURITY_ASSIGN(Name name, tokens_.expect_name("the name of a field"));
        VMSECURITY_TRY(tokens_.spend(name.position));
        made.names.push_back(std::move(name));
    }
    return made;
}

base::Result<Lambda> ExpressionParser::lambda(Quantifier quantifier) {
    Lambda made{quantifier, tokens_.current().position, {}, nullptr};
    VMSECURITY_TRY(tokens_.advance());
    VMSECURITY_TRY(tokens_.expect('(', "behind any or all"));
    if (quantifier == Quantifier::kAny && tokens_.current().is(')')) {
        VMSECURITY_TRY(tokens_.advance());
        return made;
    }
    VMSECURITY_ASSIGN(made.variable,
                      tokens_.expect_name("a variable, as in any(t: t/key eq 'a'),"));
    VMSECURITY_TRY(tokens_.expect(':', "behind the variable"));
    VMSECURITY_ASSIGN(Expression predicate, expression());
    made.predicate = to_heap(std::move(predicate));
    VMSECURITY_TRY(tokens_.expect(')', "that closes any or all"));
    return made;
}

}  // namespace vmsecurity::odata
