#include "apiserver/changes/events.h"

#include <fmt/format.h>

#include "apiserver/changes/change_hub.h"
#include "apiserver/http/answer.h"
#include "base/text.h"
#include "model/api/tables.h"

namespace vmsecurity::apiserver {

namespace {

Refusal refuse_parameter(std::string_view target, std::string message) {
    return Refusal{.status = 400,
                   .message = std::move(message),
                   .code = "invalidParameter",
                   .target = std::string(target),
                   .position = std::nullopt,
                   .details = {}};
}

}  // namespace

net::Response get_changes(const Call& call, std::shared_ptr<net::EventSink> sink) {
    std::string collection;
    if (const auto* wanted = call.request.find_query("collection")) {
        if (model::api::find_collection(wanted->value) == nullptr) {
            return refuse(refuse_parameter(
                "collection",
                fmt::format("there is no collection '{}'", base::escape_bytes(wanted->value))));
        }
        collection = wanted->value;
    }
    // A browser that comes back says where it was by Last-Event-ID, which is newer than the
    // address.
    std::optional<std::int64_t> since;
    const auto last_event = call.request.headers.find("Last-Event-ID");
    const auto* parameter = call.request.find_query("since");
    const std::string_view text = last_event             ? *last_event
                                  : parameter != nullptr ? std::string_view(parameter->value)
                                                         : std::string_view{};
    if (!text.empty()) {
        const auto id = base::parse_unsigned(text);
        if (!id || *id > INT64_MAX) {
            return refuse(refuse_parameter(
                last_event ? "Last-Event-ID" : "since",
                fmt::format("'{}' is no id of an event", base::escape_bytes(text))));
        }
        since = static_cast<std::int64_t>(*id);
    }
    call.services.changes.subscribe(std::move(sink), since, std::move(collection));
    return {};
}

}  // namespace vmsecurity::apiserver
