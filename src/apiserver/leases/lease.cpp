#include "apiserver/leases/lease.h"

#include <fmt/format.h>

#include "apiserver/http/answer.h"
#include "apiserver/objects/body.h"
#include "apiserver/rules/fields.h"
#include "codec/json_writer.h"
#include "model/api/tables.h"
#include "model/schema/time.h"
#include "store/leases.h"

namespace vmsecurity::apiserver {

namespace {

std::string lease_json(const store::Lease& lease) {
    const auto time = [](std::int64_t nanoseconds) {
        return model::schema::format_time(model::schema::from_nanoseconds(nanoseconds));
    };
    codec::JsonWriter writer;
    writer.begin_object();
    writer.member("acquiredOn", std::string_view(time(lease.acquired_on)));
    writer.member("expiresOn", std::string_view(time(lease.expires_on)));
    writer.member("fencing", lease.fencing);
    writer.member("holder", std::string_view(lease.holder));
    writer.member("name", std::string_view(lease.name));
    writer.member("ttlSeconds", lease.time_to_live.count());
    writer.end_object();
    return writer.take();
}

// 409 with the lease as it is, which somebody else holds.
net::Response held(const Call& call, const base::Error& error, std::string_view name) {
    const auto lease =
        store::get_lease(call.services.store, std::string(name), call.request.deadline);
    // It expired or was given back: there is nobody to show.
    const std::string shown = lease ? lease_json(*lease) : std::string("{}");
    return conflict_answer(error.message, "lease", shown);
}

}  // namespace

net::Response get_lease(const Call& call) {
    const auto lease =
        store::get_lease(call.services.store, std::string(call.id()), call.request.deadline);
    if (!lease) return refuse(lease.error());
    return json_answer(200, lease_json(*lease));
}

net::Response put_lease(const Call& call) {
    net::Response refusal;
    const auto body =
        read_body(call, model::api::kLeaseRequestSchema, model::schema::Mode::kWhole, refusal);
    if (!body) return refusal;
    const std::string name(call.id());
    const std::string holder(text_at(*body, {"holder"}));
    const std::chrono::seconds time_to_live(body->at("ttlSeconds").to_number<std::int64_t>());
    std::optional<std::int64_t> fencing;
    if (const auto* given = at_path(*body, {"fencing"})) fencing = given->to_number<std::int64_t>();
    const auto lease = store::acquire_lease(call.services.store, name, holder, time_to_live,
                                            call.request.deadline, fencing);
    if (lease) return json_answer(200, lease_json(*lease));
    if (lease.error().code == base::ErrorCode::kUnavailable) return held(call, lease.error(), name);
    return refuse(lease.error());
}

net::Response delete_lease(const Call& call) {
    const std::string name(call.id());
    const std::string& holder = call.request.find_query("holder")->value;
    const std::string& fencing = call.request.find_query("fencing")->value;
    const auto current = store::get_lease(call.services.store, name, call.request.deadline);
    if (!current) return refuse(current.error());
    if (current->holder != holder || fmt::to_string(current->fencing) != fencing) {
        return conflict_answer(fmt::format("the lease is {}'s", current->holder), "lease",
                               lease_json(*current));
    }
    const auto released =
        store::release_lease(call.services.store, name, holder, call.request.deadline);
    if (!released) return refuse(released.error());
    return message_answer(200, fmt::format("lease {} released", name));
}

}  // namespace vmsecurity::apiserver
