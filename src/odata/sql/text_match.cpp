#include <fmt/format.h>

#include <optional>

#include "odata/operands.h"
#include "odata/sql/expressions.h"

// contains, startswith and endswith.
namespace vmsecurity::odata::sql {
namespace {

// One code point of well-formed UTF-8.
char32_t decode(std::string_view bytes) {
    const auto lead = static_cast<unsigned char>(bytes.front());
    if (lead < 0x80) return lead;
    char32_t point = lead & (0x7FU >> bytes.size());
    for (const char c : bytes.substr(1)) {
        point = (point << 6) | (static_cast<unsigned char>(c) & 0x3FU);
    }
    return point;
}

void append(std::string& text, char32_t point) {
    const auto tail = [&](int shift) {
        text += static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
    };
    if (point < 0x80) {
        text += static_cast<char>(point);
    } else if (point < 0x800) {
        text += static_cast<char>(0xC0U | (point >> 6));
        tail(0);
    } else if (point < 0x10000) {
        text += static_cast<char>(0xE0U | (point >> 12));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0U | (point >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

// The least text that is greater than every text with this prefix, in the order of code points,
// which is that of UTF-8's bytes; nothing if there is none. `prefix` is UTF-8.
std::optional<std::string> prefix_end(std::string prefix) {
    constexpr char32_t kLast = 0x10FFFF;
    while (!prefix.empty()) {
        std::size_t start = prefix.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(prefix[start]) & 0xC0) == 0x80) --start;
        char32_t point = decode(std::string_view(prefix).substr(start));
        prefix.resize(start);
        if (point == kLast) continue;
        ++point;
        if (point == 0xD800) point = 0xE000;  // over the surrogates, which no text holds
        append(prefix, point);
        return prefix;
    }
    return std::nullopt;
}

}  // namespace

Fragment ExpressionWriter::match(Function function, const Fragment& text, const Fragment& part) {
    switch (function) {
        case Function::kContains:
            return compose(sqlite() ? "(instr({},{}) > 0)" : "(strpos({},{}) > 0)", {text, part});
        case Function::kStartsWith:
            if (!sqlite()) return compose("starts_with({},{})", {text, part});
            return compose("(substr({},1,length({})) = {})", {text, part, part});
        default:
            if (!sqlite()) return compose("(right({},length({})) = {})", {text, part, part});
            // substr() counts negative starts from the end, so the lengths are compared first.
            return compose("(length({}) >= length({}) AND substr({},length({})-length({})+1) = {})",
                           {text, part, text, text, part, part});
    }
}

Fragment ExpressionWriter::call_condition(const BoundCall& call, Truth truth) {
    if (const DictionaryRule* rule = dictionary_rule(call)) return dictionary(*rule, call, truth);
    const BoundExpression& first = call.arguments.front();
    const BoundPath* path = path_of(first);
    const Constant* constant = constant_of(call.arguments[1]);
    if (first.kind == ValueKind::kStructure) {
        return match(call.function, paths_.json_text(*path, path->legs, anchor(path->root)),
                     value(call.arguments[1], Basis::kText));
    }
    if (call.function == Function::kStartsWith && constant != nullptr && path != nullptr &&
        path->legs.size() == 1 && path->legs.front().column != nullptr &&
        path->legs.front().column->type == schema::ColumnType::kText) {
        // A range of an index, where there is one.
        const std::string& prefix = std::get<std::string>(*constant);
        const std::optional<std::string> end = prefix_end(prefix);
        const Fragment column = path_value(*path, Basis::kText);
        if (end) {
            return compose("({} >= {} AND {} < {})", {column, parameters_.add(Value(prefix)),
                                                      column, parameters_.add(Value(*end))});
        }
    }
    return match(call.function, value(first, Basis::kText), value(call.arguments[1], Basis::kText));
}

}  // namespace vmsecurity::odata::sql
