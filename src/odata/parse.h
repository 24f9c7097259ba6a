#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "odata/syntax.h"

namespace vmsecurity::odata {

// The query options of a request, percent-decoded. Absent and empty are different: an empty option
// is refused.
struct QueryText {
    std::optional<std::string_view> filter = std::nullopt;
    std::optional<std::string_view> orderby = std::nullopt;
    std::optional<std::string_view> select = std::nullopt;
    std::optional<std::string_view> expand = std::nullopt;
    std::optional<std::string_view> apply = std::nullopt;
    std::optional<std::string_view> count = std::nullopt;
    std::optional<std::string_view> top = std::nullopt;
    std::optional<std::string_view> skip = std::nullopt;
    std::optional<std::string_view> skiptoken = std::nullopt;
};

// Grammar: OData 4.01 ABNF, the subset of docs/odata.md. Names of operators, functions and nested
// options are read in any case, and nested options with or without their `$` (4.01 Part 2 §5.1).
// Errors: kInvalidArgument with a Problem (problem.h).
base::Result<Options> parse(const QueryText& text);

// One expression and nothing behind it, as in $filter.
base::Result<Expression> parse_expression(std::string_view text, std::string_view target);

// Adds a text to Options::fingerprint. Tells queries apart; no protection against forgers, who
// could only choose where their own page starts.
std::uint64_t mix_fingerprint(std::uint64_t fingerprint, std::string_view text);

}  // namespace vmsecurity::odata
