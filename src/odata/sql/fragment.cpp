#include "odata/sql/fragment.h"

#include <fmt/format.h>

#include <algorithm>

namespace vmsecurity::odata::sql {
namespace {

// SQLite limits the depth of the tree too (SQLITE_MAX_EXPR_DEPTH, 1000), and a chain is as deep as
// it is long. So long ones are a chain of chains.
constexpr std::size_t kMaxChain = 100;

int count_symbols(std::string_view text) {
    int count = 0;
    bool in_word = false;
    for (const char c : text) {
        const bool word = c == '_' || c == '.' || (c >= '0' && c <= '9') ||
                          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (word ? !in_word : c != ' ') ++count;
        if (c == '(') ++count;  // of a call or a sub-select: the empty DISTINCT
        in_word = word;
    }
    return count;
}

Fragment join_chain(const std::vector<Fragment>& operands, std::string_view separator) {
    Fragment made{"(", 0};
    int heaviest = 0;
    for (const Fragment& one : operands) {
        if (made.text.size() > 1) made.text += separator;
        made.text += one.text;
        heaviest = std::max(heaviest, one.weight);
    }
    made.text += ')';
    made.weight = heaviest + 3;
    return made;
}

}  // namespace

Fragment atom(std::string text, int weight) {
    return {std::move(text), weight};
}

Fragment compose(std::string_view format, std::initializer_list<Fragment> operands) {
    Fragment made{{}, 0};
    int before = 0;
    const Fragment* operand = operands.begin();
    for (;;) {
        const std::size_t hole = format.find("{}");
        const std::string_view text = format.substr(0, hole);
        made.text += text;
        before += count_symbols(text);
        made.weight = std::max(made.weight, before);
        if (hole == std::string_view::npos || operand == operands.end()) return made;
        made.text += operand->text;
        made.weight = std::max(made.weight, before + operand->weight);
        ++before;
        ++operand;
        format.remove_prefix(hole + 2);
    }
}

Fragment derive(Dialect dialect, std::string_view result,
                std::initializer_list<Fragment> operands) {
    constexpr std::string_view kNames[] = {"p", "q", "n"};
    constexpr int kBefore = 12;    // "(SELECT x FROM (SELECT", with the empty rules between
    constexpr int kOfResult = 24;  // no result nests deeper
    Fragment made{fmt::format("(SELECT {} FROM (SELECT ", result), kOfResult};
    int index = 0;
    for (const Fragment& one : operands) {
        if (index > 0) made.text += ", ";
        made.text += fmt::format("{} AS {}", one.text, kNames[index]);
        made.weight = std::max(made.weight, kBefore + 2 * index + one.weight);
        ++index;
    }
    // Else PostgreSQL puts the operand in each place of p, which makes nested ones grow as powers.
    if (dialect == Dialect::kPostgres) made.text += " OFFSET 0";
    made.text += ") AS v)";
    return made;
}

Fragment join(std::vector<Fragment> operands, std::string_view separator) {
    while (operands.size() > kMaxChain) {
        std::vector<Fragment> chains;
        for (std::size_t i = 0; i < operands.size(); i += kMaxChain) {
            const auto first = operands.begin() + static_cast<std::ptrdiff_t>(i);
            const auto last =
                first + static_cast<std::ptrdiff_t>(std::min(kMaxChain, operands.size() - i));
            chains.push_back(join_chain({first, last}, separator));
        }
        operands = std::move(chains);
    }
    if (operands.size() == 1) return std::move(operands.front());
    return join_chain(operands, separator);
}

}  // namespace vmsecurity::odata::sql
