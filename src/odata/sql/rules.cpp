#include "odata/sql/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "odata/operands.h"
#include "odata/sql/expressions.h"

namespace vmsecurity::odata::sql {
namespace {

std::string replaced(std::string_view text, std::string_view name, std::string_view by) {
    std::string made(text);
    for (std::size_t at = made.find(name); at != std::string::npos;
         at = made.find(name, at + by.size())) {
        made.replace(at, name.size(), by);
    }
    return made;
}

// What a dictionary's values can be put through as well as the path's.
bool maps_values(Function function) {
    return function == Function::kToLower || function == Function::kToUpper ||
           function == Function::kTrim;
}

}  // namespace

const RelationRule* ExpressionWriter::relation_rule(const BoundExpression& expression) const {
    const BoundPath* path = path_of(expression);
    if (path == nullptr || path->root.kind != Root::Kind::kRow || rules_.relations.empty()) {
        return nullptr;
    }
    const std::string text = path->text();
    const auto found = std::ranges::find_if(rules_.relations, [&](const RelationRule& rule) {
        return rule.collection == &collection_ && rule.path == text;
    });
    return found == rules_.relations.end() ? nullptr : &*found;
}

Fragment ExpressionWriter::relation_condition(const RelationRule& rule, std::string_view values) {
    const std::string text = replaced(rule.equals, "{row}", kRow);
    return atom(fmt::format("({})", replaced(text, "{values}", values)), 16);
}

const DictionaryRule* ExpressionWriter::dictionary_rule(const BoundCall& call) const {
    if (rules_.dictionaries.empty() || constant_of(call.arguments[1]) == nullptr) return nullptr;
    const BoundExpression* text = &call.arguments.front();
    while (const auto* inner = std::get_if<BoundCall>(&text->node)) {
        if (!maps_values(inner->function)) return nullptr;
        text = &inner->arguments.front();
    }
    const BoundPath* path = path_of(*text);
    if (path == nullptr || path->root.kind != Root::Kind::kRow) return nullptr;
    const std::string name = path->text();
    const auto found = std::ranges::find_if(rules_.dictionaries, [&](const DictionaryRule& rule) {
        return rule.collection == &collection_ && rule.path == name;
    });
    return found == rules_.dictionaries.end() ? nullptr : &*found;
}

Fragment ExpressionWriter::dictionary(const DictionaryRule& rule, const BoundCall& call,
                                      Truth truth) {
    // The functions around the path, from the inside out.
    std::vector<Function> around;
    const BoundExpression* text = &call.arguments.front();
    while (const auto* inner = std::get_if<BoundCall>(&text->node)) {
        around.push_back(inner->function);
        text = &inner->arguments.front();
    }
    Fragment value = atom(std::string(rule.value));
    for (auto function = around.rbegin(); function != around.rend(); ++function) {
        value = call_on(*function, std::move(value));
    }
    const Fragment part = parameters_.add(*constant_of(call.arguments[1]));
    const Fragment matches = match(call.function, value, part);
    std::string condition = replaced(rule.condition, "{row}", kRow);
    condition = replaced(condition, "{match}", matches.text);
    Fragment made = atom(fmt::format("({})", condition), 16 + matches.weight);
    if (truth == Truth::kOnlyTrue) return made;
    // Where no value matches, IN is false of NULL too.
    const BoundPath& path = *path_of(*text);
    return compose("CASE WHEN {} IS NOT NULL THEN {} END",
                   {paths_.presence(path, path.legs, anchor(path.root)), made});
}

}  // namespace vmsecurity::odata::sql
