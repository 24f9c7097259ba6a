#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/schema/schema.h"
#include "net/http/message.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

// 404 if there is no object, 412 if it has another revision than If-Match says; nothing if the
// write may go on.
std::optional<net::Response> check_precondition(const model::schema::Collection& collection,
                                                std::string_view id,
                                                const std::optional<store::Item>& found,
                                                std::optional<std::int64_t> if_match);

}  // namespace vmsecurity::apiserver
