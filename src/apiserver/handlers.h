#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// The handler of an operation; one of the three is set, as the route's kind says.
struct OperationHandler {
    SimpleHandler simple = nullptr;
    StreamingHandler streaming = nullptr;
    EventsHandler events = nullptr;
};

OperationHandler handler_of(const model::schema::Route& route);

}  // namespace vmsecurity::apiserver
