#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http/message.h"
#include "service/web/json_answer.h"

namespace vmsecurity::apiserver {

// Why a request is refused, as the body {message, code, target, position, details} says it.
struct Refusal {
    int status = 500;
    std::string message;                  // a sentence: what is wrong and what to do
    std::string_view code;                // a word for programs
    std::string target;                   // "$filter", "/scheduled/cronLine"
    std::optional<std::size_t> position;  // in the target, from 0
    struct Detail {
        std::string target;
        std::string message;
    };
    std::vector<Detail> details;
};

using service::json_answer;
using service::message_answer;
net::Response refuse(const Refusal& refusal);
// The one table from error codes to HTTP statuses. What only a developer understands goes to the
// log, not to the client.
net::Response refuse(const base::Error& error);
int status_of(const base::Error& error);

// {"message": ..., "<member>": <json>}: the body of a 409.
net::Response conflict_answer(std::string_view message, std::string_view member,
                              std::string_view json);

}  // namespace vmsecurity::apiserver
