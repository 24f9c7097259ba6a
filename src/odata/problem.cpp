#include "odata/problem.h"

#include <fmt/format.h>

#include <charconv>

namespace vmsecurity::odata {
namespace {

constexpr std::string_view kAt = " at ";

}  // namespace

tl::unexpected<base::Error> fail_at(std::string_view target, std::size_t position,
                                    std::string message) {
    return base::fail(base::ErrorCode::kInvalidArgument, std::move(message),
                      fmt::format("{}{}{}", target, kAt, position));
}

std::optional<Problem> problem_of(const base::Error& error) {
    if (error.code != base::ErrorCode::kInvalidArgument || !error.where.starts_with('$')) {
        return std::nullopt;
    }
    const std::size_t at = error.where.find(kAt);
    if (at == std::string::npos) return std::nullopt;
    Problem problem{error.message, error.where.substr(0, at), 0};
    const char* first = error.where.data() + at + kAt.size();
    const char* last = error.where.data() + error.where.size();
    const auto [end, failure] = std::from_chars(first, last, problem.position);
    if (failure != std::errc() || end != last) return std::nullopt;
    return problem;
}

}  // namespace vmsecurity::odata
