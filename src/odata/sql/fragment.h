#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sql/statement.h"

namespace vmsecurity::odata::sql {

using ::vmsecurity::sql::Dialect;

// A piece of SQL with an upper bound of what parsing it takes of SQLite's parser stack, which holds
// a hundred symbols (YYSTACKDEPTH) and fails the statement beyond.
struct Fragment {
    std::string text;
    int weight = 1;
};

inline constexpr int kMaxWeight = 90;

// SQL without operands: "t.found_on".
Fragment atom(std::string text, int weight = 4);

// `format` with each {} replaced by the next operand. Whatever stands before an operand is counted
// as if it lay on the stack while the operand is parsed.
Fragment compose(std::string_view format, std::initializer_list<Fragment> operands);

// "(SELECT result FROM (SELECT a AS p, b AS q, c AS n) AS v)": `result` says p, q and n as often as
// it likes, and each operand is written and evaluated once. At most three operands.
Fragment derive(Dialect dialect, std::string_view result, std::initializer_list<Fragment> operands);

// "(a AND b AND c)": left-associative, so that the stack does not grow with the number.
Fragment join(std::vector<Fragment> operands, std::string_view separator);

}  // namespace vmsecurity::odata::sql
