#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "net/client/http_client.h"

// How our own services use the API. They know each other only through this folder.
namespace vmsecurity::sdk {

// Where the API is and who asks.
struct Endpoint {
    std::string url;      // "http://127.0.0.1:8888"
    std::string token;    // empty: none, which works on loopback where that is allowed
    std::string ca_file;  // PEM; empty: the system's
    std::string user_agent = "vmsecurityd";
};

// HttpClient's options for an endpoint, with its defaults for the rest.
net::ClientOptions client_options(const Endpoint& endpoint);

struct ListQuery {
    std::string filter;
    std::string select;
    std::string expand;
    std::string order_by;
    std::optional<std::uint64_t> top;  // nothing: all
};

struct Created {
    boost::json::object object;  // the new one, or the one that was there
    bool existed = false;        // 409: an object with the same unique key is there
};

struct Lease {
    std::string holder;
    std::int64_t fencing = 0;
    std::string expires_on;  // RFC 3339
};

// The collections of the API as JSON objects, over one kept connection. Belongs to one thread at a
// time. Errors: kNotFound (404), kInvalidArgument (400 and the like), kPermissionDenied (401, 403),
// kUnavailable (no answer, 429, 503 after all attempts), kInternal (5xx); `conflicted` and
// `lost_lease` tell the refusals apart that callers act on.
class ApiClient {
  public:
    explicit ApiClient(const Endpoint& endpoint);
    ApiClient(net::ClientOptions options);  // NOLINT(google-explicit-constructor)

    // Ends requests, also between attempts, with kCancelled.
    void set_stop(std::stop_token stop) { stop_ = std::move(stop); }
    // "name/fencing", sent with each write from now on; empty: none. A write is refused once
    // another holds the lease.
    void set_lease(std::string lease) { lease_ = std::move(lease); }

    base::Result<boost::json::object> get(std::string_view collection, std::string_view id,
                                          std::string_view select = {},
                                          std::string_view expand = {});
    // All pages, one object after the other; `visit` answers false to stop.
    base::Result<void> for_each(std::string_view collection, const ListQuery& query,
                                const std::function<bool(boost::json::object&)>& visit);
    base::Result<boost::json::array> list(std::string_view collection, const ListQuery& query);
    base::Result<std::uint64_t> count(std::string_view collection, std::string_view filter);

    base::Result<Created> create(std::string_view collection, const boost::json::object& object);
    // The whole object after the change. With `revision` only if it still has that one: else an
    // error for which `conflicted` holds.
    base::Result<boost::json::object> patch(std::string_view collection, std::string_view id,
                                            const boost::json::object& change,
                                            std::optional<std::int64_t> revision = std::nullopt);
    // Fine if it is gone already.
    base::Result<void> remove(std::string_view collection, std::string_view id);

    // kUnavailable: another holds it (the message says who and until when).
    base::Result<Lease> acquire_lease(std::string_view name, std::string_view holder,
                                      std::int64_t ttl_seconds,
                                      std::optional<std::int64_t> fencing = std::nullopt);
    base::Result<void> release_lease(std::string_view name, const Lease& lease);

    // Any other request; statuses of 400 and above are errors.
    base::Result<net::Response> send(net::ClientRequest request);
    net::HttpClient& http() { return http_; }
    // Requests that were sent, for measurements.
    std::uint64_t requests() const { return requests_; }

  private:
    base::Result<boost::json::object> send_for_object(net::ClientRequest request);

    net::HttpClient http_;
    std::stop_token stop_;
    std::string lease_;
    std::uint64_t requests_ = 0;
};

// The object has another revision (412).
bool conflicted(const base::Error& error);

}  // namespace vmsecurity::sdk
