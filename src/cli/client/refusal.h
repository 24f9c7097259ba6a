#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/client/query.h"
#include "net/http/message.h"

namespace vmsecurity::cli {

// An answer of 400 or more for a person: the server's sentence, the place that it points at below
// the expression as it was typed, and each fault of a body.
//
//   'severty' is no field of FindingInfo. Did you mean 'severity'?
//     --filter  findingInfo/severty eq 'HIGH'
//                           ^
std::string describe_refusal(const net::Response& response,
                             const std::vector<QueryOption>& options);

// The line of an expression around the byte `position`, and a line with a caret below that byte.
// Both begin with `label` or as many spaces; at most `width` columns of the expression are shown.
std::string point_at(std::string_view label, std::string_view expression, std::size_t position,
                     std::size_t width);

// kUsage where the request was wrong, else kFailed (cli/exit_status.h).
int exit_status_of(const net::Response& response);

}  // namespace vmsecurity::cli
