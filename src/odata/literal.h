#pragma once

#include <string>
#include <string_view>

namespace vmsecurity::odata {

// A text as a literal of an expression (4.01 ABNF, `string`): it's -> 'it''s'.
std::string text_literal(std::string_view text);

}  // namespace vmsecurity::odata
