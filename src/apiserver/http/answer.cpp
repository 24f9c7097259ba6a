#include "apiserver/http/answer.h"

#include "base/log.h"
#include "codec/json_writer.h"
#include "odata/problem.h"

namespace vmsecurity::apiserver {

namespace {

struct CodeAnswer {
    int status;
    std::string_view code;
};

CodeAnswer answer_of(base::ErrorCode code) {
    switch (code) {
        case base::ErrorCode::kInvalidArgument:
            return {400, "invalidRequest"};
        case base::ErrorCode::kNotFound:
            return {404, "notFound"};
        case base::ErrorCode::kPermissionDenied:
            return {403, "forbidden"};
        case base::ErrorCode::kUnsupported:
            return {400, "unsupported"};
        case base::ErrorCode::kCorrupt:
        case base::ErrorCode::kTruncated:
            return {400, "malformedBody"};
        case base::ErrorCode::kLimitExceeded:
            return {413, "tooLarge"};
        case base::ErrorCode::kCancelled:
            return {503, "timeout"};
        case base::ErrorCode::kUnavailable:
            return {503, "unavailable"};
        case base::ErrorCode::kIo:
        case base::ErrorCode::kOutOfScope:
        case base::ErrorCode::kInternal:
            break;
    }
    return {500, "internal"};
}

}  // namespace

net::Response refuse(const Refusal& refusal) {
    codec::JsonWriter writer;
    writer.begin_object();
    writer.member("message", std::string_view(refusal.message));
    writer.member("code", refusal.code);
    if (!refusal.target.empty()) writer.member("target", std::string_view(refusal.target));
    if (refusal.position) writer.member("position", *refusal.position);
    if (!refusal.details.empty()) {
        writer.key("details");
        writer.begin_array();
        for (const Refusal::Detail& detail : refusal.details) {
            writer.begin_object();
            writer.member("target", std::string_view(detail.target));
            writer.member("message", std::string_view(detail.message));
            writer.end_object();
        }
        writer.end_array();
    }
    writer.end_object();
    net::Response response = json_answer(refusal.status, writer.take());
    if (refusal.status == 503) response.headers.add("Retry-After", "1");
    return response;
}

int status_of(const base::Error& error) {
    return answer_of(error.code).status;
}

net::Response refuse(const base::Error& error) {
    const CodeAnswer answer = answer_of(error.code);
    if (const auto problem = odata::problem_of(error)) {
        return refuse(Refusal{.status = answer.status,
                              .message = problem->message,
                              .code = "badExpression",
                              .target = problem->target,
                              .position = problem->position,
                              .details = {}});
    }
    if (answer.status >= 500) base::log::error("{}", error.describe());
    // A pointer or a parameter is for the client; other places (a table, a file) are ours.
    const bool for_client = answer.status < 500 && !error.where.empty() &&
                            (error.where.front() == '/' || error.where.front() == '$');
    return refuse(Refusal{
        .status = answer.status,
        .message = answer.status == 500 ? "the server failed; its log says more" : error.message,
        .code = answer.code,
        .target = for_client ? error.where : std::string{},
        .position = std::nullopt,
        .details = {}});
}

net::Response conflict_answer(std::string_view message, std::string_view member,
                              std::string_view json) {
    codec::JsonWriter writer;
    writer.begin_object();
    writer.member("message", message);
    writer.end_object();
    std::string body = writer.take();
    body.pop_back();
    body += ",\"";
    body += member;
    body += "\":";
    body += json;
    body += '}';
    return json_answer(409, std::move(body));
}

}  // namespace vmsecurity::apiserver
