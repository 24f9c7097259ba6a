#include "odata/literal.h"

namespace vmsecurity::odata {

std::string text_literal(std::string_view text) {
    std::string literal = "'";
    for (const char c : text) literal.append(c == '\'' ? 2 : 1, c);
    literal += '\'';
    return literal;
}

}  // namespace vmsecurity::odata
