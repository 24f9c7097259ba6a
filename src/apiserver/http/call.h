#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "apiserver/access/principal.h"
#include "apiserver/http/services.h"
#include "model/schema/route.h"
#include "net/http/message.h"
#include "net/server/handler.h"

namespace vmsecurity::apiserver {

// A request whose route, sender and parameters are known and allowed.
struct Call {
    const net::Request& request;
    const model::schema::RouteMatch& match;
    const Principal& principal;
    Services& services;

    const model::schema::Collection& collection() const { return *match.route->collection; }
    // Of the object that the path names: its first parameter.
    std::string_view id() const {
        return match.parameters.empty() ? std::string_view{} : match.parameters.front().second;
    }
};

using SimpleHandler = net::Response (*)(const Call&);
using StreamingHandler = std::optional<net::Response> (*)(const Call&, net::BodyReader&,
                                                          net::BodyWriter&);
using EventsHandler = net::Response (*)(const Call&, std::shared_ptr<net::EventSink>);

}  // namespace vmsecurity::apiserver
