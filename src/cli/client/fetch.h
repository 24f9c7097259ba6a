#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "cli/client/query.h"
#include "codec/json.h"
#include "net/client/http_client.h"

namespace vmsecurity::cli {

// "vmsecurity <command>: <message>" on standard error; the answer is the exit status: kUsage for
// what the user gave wrongly, else kFailed.
int fail_with(std::string_view command, std::string_view message);
int fail_with(std::string_view command, const base::Error& error);

// The object that answers a request, or the exit status of what went wrong, which has been told.
struct Fetched {
    std::optional<boost::json::object> object;
    int status = 0;

    explicit operator bool() const { return object.has_value(); }
    const boost::json::object& operator*() const { return *object; }
    const boost::json::object* operator->() const { return &*object; }
    int error() const { return status; }
};
Fetched fetch(net::HttpClient& client, std::string_view command, const net::ClientRequest& request,
              const std::vector<QueryOption>& options = {});

}  // namespace vmsecurity::cli
