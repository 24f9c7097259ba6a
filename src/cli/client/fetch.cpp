#include "cli/client/fetch.h"

#include "cli/client/refusal.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"

namespace vmsecurity::cli {

int fail_with(std::string_view command, std::string_view message) {
    tell("vmsecurity {}: {}\n", command, message);
    return kFailed;
}

int fail_with(std::string_view command, const base::Error& error) {
    tell("vmsecurity {}: {}\n", command, error.describe());
    return error.code == base::ErrorCode::kInvalidArgument ? kUsage : kFailed;
}

Fetched fetch(net::HttpClient& client, std::string_view command, const net::ClientRequest& request,
              const std::vector<QueryOption>& options) {
    const auto answer = client.send(request);
    if (!answer) return {std::nullopt, fail_with(command, answer.error())};
    if (answer->status >= 400) {
        fail_with(command, describe_refusal(*answer, options));
        return {std::nullopt, exit_status_of(*answer)};
    }
    auto body = codec::parse_json(answer->body);
    if (!body || !body->is_object()) {
        return {std::nullopt, fail_with(command, "the server's answer is no JSON object")};
    }
    return {std::move(body->get_object()), kComplete};
}

}  // namespace vmsecurity::cli
