#pragma once

#include "apiserver/http/answer.h"
#include "apiserver/http/call.h"
#include "codec/json.h"
#include "model/schema/validate.h"

namespace vmsecurity::apiserver {

// The body as a JSON object without faults, or the refusal in `refusal`.
std::optional<boost::json::object> read_body(const Call& call, const model::schema::Schema& schema,
                                             model::schema::Mode mode, net::Response& refusal);

// 415 where the body says that it is no JSON.
std::optional<net::Response> refuse_content_type(const Call& call);

// All faults in one 400; `what` is the thing that has them.
net::Response refuse_faults(std::span<const model::schema::Fault> faults, std::string_view what);

}  // namespace vmsecurity::apiserver
