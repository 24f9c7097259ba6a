#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "base/error.h"

namespace vmsecurity::base {

// A value or the Error that stands in its place. Nothing in this code base throws to report a
// failure; exceptions of libraries are caught where the library is called.
template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string where = {},
                                  std::string cause = {}) {
    return fail(Error{code, std::move(message), std::move(where), std::move(cause)});
}

}  // namespace vmsecurity::base

// Returns early with the error of a Result<void>-like expression.
#define VMSECURITY_TRY(expression) \
    VMSECURITY_TRY_NAMED(expression, VMSECURITY_JOIN(try_result_, __COUNTER__))
#define VMSECURITY_TRY_NAMED(expression, name)                        \
    do {                                                              \
        if (auto name = (expression); !name) {                        \
            return ::vmsecurity::base::fail(std::move(name).error()); \
        }                                                             \
    } while (false)

// VMSECURITY_ASSIGN(auto x, expression): x = value of the expression, or return early with its
// error.
#define VMSECURITY_ASSIGN(declaration, expression) \
    VMSECURITY_ASSIGN_NAMED(declaration, expression, VMSECURITY_JOIN(try_result_, __COUNTER__))
#define VMSECURITY_ASSIGN_NAMED(declaration, expression, name)           \
    auto name = (expression);                                            \
    if (!name) return ::vmsecurity::base::fail(std::move(name).error()); \
    declaration = std::move(*name)
#define VMSECURITY_JOIN(a, b) VMSECURITY_JOIN_INNER(a, b)
#define VMSECURITY_JOIN_INNER(a, b) a##b
