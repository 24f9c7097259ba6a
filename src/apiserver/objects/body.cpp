#include "apiserver/objects/body.h"

#include <fmt/format.h>

#include "base/text.h"

namespace vmsecurity::apiserver {

namespace {

bool is_json(std::string_view content_type) {
    const std::string type =
        base::to_lower(base::trim(content_type.substr(0, content_type.find(';'))));
    return type == "application/json" || type.ends_with("+json") || type == "text/json";
}

}  // namespace

net::Response refuse_faults(std::span<const model::schema::Fault> faults, std::string_view what) {
    Refusal refusal;
    refusal.status = 400;
    refusal.code = "invalidBody";
    const model::schema::Fault& first = faults.front();
    refusal.message =
        first.pointer.empty()
            ? fmt::format("{} has an error: it {}", what, first.reason)
            : fmt::format("{} has an error at {}: it {}", what, first.pointer, first.reason);
    refusal.target = first.pointer;
    if (faults.size() > 1) {
        refusal.message += fmt::format(" (and {} more)", faults.size() - 1);
        for (const model::schema::Fault& fault : faults) {
            refusal.details.push_back({fault.pointer, "it " + fault.reason});
        }
    }
    return refuse(refusal);
}

std::optional<net::Response> refuse_content_type(const Call& call) {
    const auto content_type = call.request.headers.find("Content-Type");
    if (!content_type || is_json(*content_type)) return std::nullopt;
    return refuse(Refusal{.status = 415,
                          .message = fmt::format("a body of type '{}' is not understood; "
                                                 "send application/json",
                                                 base::escape_bytes(*content_type)),
                          .code = "unsupportedMediaType",
                          .target = "Content-Type",
                          .position = std::nullopt,
                          .details = {}});
}

std::optional<boost::json::object> read_body(const Call& call, const model::schema::Schema& schema,
                                             model::schema::Mode mode, net::Response& refusal) {
    if (auto refused = refuse_content_type(call)) {
        refusal = std::move(*refused);
        return std::nullopt;
    }
    if (base::trim(call.request.body).empty()) {
        refusal = refuse(Refusal{.status = 400,
                                 .message = "request body has an error: value is required but "
                                            "missing; send a JSON object",
                                 .code = "malformedBody",
                                 .target = {},
                                 .position = std::nullopt,
                                 .details = {}});
        return std::nullopt;
    }
    auto value = codec::parse_json(call.request.body);
    if (!value) {
        refusal = refuse(Refusal{
            .status = 400,
            .message = fmt::format("request body has an error: {}", value.error().describe()),
            .code = "malformedBody",
            .target = {},
            .position = std::nullopt,
            .details = {}});
        return std::nullopt;
    }
    const auto faults = model::schema::validate(schema, *value, mode);
    if (!faults.empty()) {
        refusal = refuse_faults(faults, "request body");
        return std::nullopt;
    }
    return std::move(value->as_object());
}

}  // namespace vmsecurity::apiserver
