#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vmsecurity::odata {

// What is wrong in a query, as the body of a 400 answer says it. Every refusal of parse() and
// bind() can be turned into one.
struct Problem {
    std::string message;       // a sentence: what is wrong and what to write instead
    std::string target;        // the query option: "$filter"
    std::size_t position = 0;  // bytes before the place, in the option's decoded text

    bool operator==(const Problem&) const = default;
};

// An Error{kInvalidArgument} that carries a Problem; `where` reads "$filter at 17".
tl::unexpected<base::Error> fail_at(std::string_view target, std::size_t position,
                                    std::string message);

// The Problem that an error of this folder carries; nothing for other errors.
std::optional<Problem> problem_of(const base::Error& error);

}  // namespace vmsecurity::odata
