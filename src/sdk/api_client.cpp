#include "sdk/api_client.h"

#include <fmt/format.h>

#include <utility>

#include "sdk/query.h"

namespace vmsecurity::sdk {
namespace {

constexpr int kConflict = 409;
constexpr std::string_view kConflictMark = "412 ";
constexpr std::size_t kCompressFrom = std::size_t{64} * 1024;
constexpr std::uint64_t kMaxAnswerBytes = std::uint64_t{1} << 30U;
// Enough that a page costs little beside its rows, and small enough for the memory of both sides.
constexpr std::uint64_t kPageRows = 1000;

std::string path_of(std::string_view collection, std::string_view id = {}) {
    std::string path = "/" + std::string(collection);
    if (!id.empty()) path += '/' + escape_segment(id);
    return path;
}

class Target {
  public:
    explicit Target(std::string path) : text_(std::move(path)) {}
    Target& add(std::string_view name, std::string_view value) {
        if (value.empty()) return *this;
        text_ += fmt::format("{}{}={}", separator_, name, escape_query(value));
        separator_ = '&';
        return *this;
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    char separator_ = '?';
};

// Where the list at `path` goes on. Only the link's query is taken, so that no answer can send us,
// and our token, elsewhere.
std::string next_target(std::string_view path, std::string_view link) {
    const std::size_t question = link.find('?');
    if (question == std::string_view::npos) return {};
    return std::string(path) + std::string(link.substr(question, link.find('#') - question));
}

base::Result<boost::json::object> object_of(const net::Response& response) {
    VMSECURITY_ASSIGN(auto value, codec::parse_json(response.body));
    if (!value.is_object()) {
        return base::fail(base::ErrorCode::kCorrupt, "the API's answer is no JSON object");
    }
    return std::move(value.get_object());
}

net::ClientRequest with_body(net::Method method, std::string target,
                             const boost::json::object& body) {
    net::ClientRequest request;
    request.method = method;
    request.target = std::move(target);
    request.body = boost::json::serialize(body);
    request.compress = request.body.size() >= kCompressFrom;
    return request;
}

}  // namespace

net::ClientOptions client_options(const Endpoint& endpoint) {
    net::ClientOptions options;
    options.base_url = endpoint.url;
    options.bearer_token = endpoint.token;
    options.ca_file = endpoint.ca_file;
    options.user_agent = endpoint.user_agent;
    options.max_body_bytes = kMaxAnswerBytes;
    return options;
}

bool conflicted(const base::Error& error) {
    return error.cause.starts_with(kConflictMark);
}

ApiClient::ApiClient(const Endpoint& endpoint) : http_(client_options(endpoint)) {}
ApiClient::ApiClient(net::ClientOptions options) : http_(std::move(options)) {}

base::Result<net::Response> ApiClient::send(net::ClientRequest request) {
    if (!lease_.empty() && request.method != net::Method::kGet) {
        request.headers.set("X-Lease", lease_);
    }
    ++requests_;
    VMSECURITY_ASSIGN(auto response, http_.send(request, stop_));
    return net::require_success(std::move(response));
}

base::Result<boost::json::object> ApiClient::send_for_object(net::ClientRequest request) {
    VMSECURITY_ASSIGN(const auto response, send(std::move(request)));
    return object_of(response);
}

base::Result<boost::json::object> ApiClient::get(std::string_view collection, std::string_view id,
                                                 std::string_view select, std::string_view expand) {
    net::ClientRequest request;
    request.target =
        Target(path_of(collection, id)).add("$select", select).add("$expand", expand).take();
    return send_for_object(std::move(request));
}

base::Result<void> ApiClient::for_each(std::string_view collection, const ListQuery& query,
                                       const std::function<bool(boost::json::object&)>& visit) {
    const std::string path = path_of(collection);
    Target first(path);
    first.add("$filter", query.filter)
        .add("$select", query.select)
        .add("$expand", query.expand)
        .add("$orderby", query.order_by);
    if (query.top) first.add("$top", fmt::to_string(*query.top));
    std::string target = first.take();
    while (!target.empty()) {
        net::ClientRequest request;
        request.target = target;
        if (!query.top) {
            request.headers.set("Prefer", fmt::format("odata.maxpagesize={}", kPageRows));
        }
        VMSECURITY_ASSIGN(auto page, send_for_object(std::move(request)));
        boost::json::value* items = page.if_contains("items");
        if (items == nullptr || !items->is_array()) {
            return base::fail(base::ErrorCode::kCorrupt, "the API's list has no items");
        }
        for (boost::json::value& item : items->get_array()) {
            if (!item.is_object()) {
                return base::fail(base::ErrorCode::kCorrupt, "an item of the list is no object");
            }
            if (!visit(item.get_object())) return {};
        }
        target = next_target(path, codec::text_member(page, "@odata.nextLink"));
    }
    return {};
}

base::Result<boost::json::array> ApiClient::list(std::string_view collection,
                                                 const ListQuery& query) {
    boost::json::array all;
    VMSECURITY_TRY(for_each(collection, query, [&](boost::json::object& item) {
        all.emplace_back(std::move(item));
        return true;
    }));
    return all;
}

base::Result<std::uint64_t> ApiClient::count(std::string_view collection, std::string_view filter) {
    net::ClientRequest request;
    request.target = Target(path_of(collection))
                         .add("$filter", filter)
                         .add("$top", "0")
                         .add("$count", "true")
                         .take();
    VMSECURITY_ASSIGN(const auto page, send_for_object(std::move(request)));
    const boost::json::value* count = page.if_contains("count");
    if (count == nullptr || !count->is_int64() || count->get_int64() < 0) {
        return base::fail(base::ErrorCode::kCorrupt, "the API's list has no count");
    }
    return static_cast<std::uint64_t>(count->get_int64());
}

base::Result<Created> ApiClient::create(std::string_view collection,
                                        const boost::json::object& object) {
    auto request = with_body(net::Method::kPost, path_of(collection), object);
    if (!lease_.empty()) request.headers.set("X-Lease", lease_);
    ++requests_;
    VMSECURITY_ASSIGN(auto response, http_.send(request, stop_));
    if (response.status != kConflict) {
        VMSECURITY_ASSIGN(response, net::require_success(std::move(response)));
        VMSECURITY_ASSIGN(auto created, object_of(response));
        return Created{std::move(created), false};
    }
    // The body has the message and, under the singular's name, the object that is in the way.
    VMSECURITY_ASSIGN(auto body, object_of(response));
    for (auto& member : body) {
        if (member.value().is_object() && member.value().get_object().contains("id")) {
            return Created{std::move(member.value().get_object()), true};
        }
    }
    return base::fail(net::require_success(std::move(response)).error());
}

base::Result<boost::json::object> ApiClient::patch(std::string_view collection, std::string_view id,
                                                   const boost::json::object& change,
                                                   std::optional<std::int64_t> revision) {
    auto request = with_body(net::Method::kPatch, path_of(collection, id), change);
    if (revision) request.headers.set("If-Match", fmt::to_string(*revision));
    return send_for_object(std::move(request));
}

base::Result<void> ApiClient::remove(std::string_view collection, std::string_view id) {
    net::ClientRequest request;
    request.method = net::Method::kDelete;
    request.target = path_of(collection, id);
    auto removed = send(std::move(request));
    if (!removed && removed.error().code != base::ErrorCode::kNotFound) {
        return base::fail(std::move(removed).error());
    }
    return {};
}

base::Result<Lease> ApiClient::acquire_lease(std::string_view name, std::string_view holder,
                                             std::int64_t ttl_seconds,
                                             std::optional<std::int64_t> fencing) {
    boost::json::object body{{"holder", holder}, {"ttlSeconds", ttl_seconds}};
    if (fencing) body["fencing"] = *fencing;
    auto request = with_body(net::Method::kPut, path_of("leases", name), body);
    ++requests_;
    VMSECURITY_ASSIGN(auto response, http_.send(request, stop_));
    if (response.status == kConflict) {
        auto refused = net::require_success(std::move(response));
        refused.error().code = base::ErrorCode::kUnavailable;
        return base::fail(std::move(refused).error());
    }
    VMSECURITY_ASSIGN(response, net::require_success(std::move(response)));
    VMSECURITY_ASSIGN(const auto object, object_of(response));
    Lease lease;
    lease.holder = codec::text_member(object, "holder");
    lease.expires_on = codec::text_member(object, "expiresOn");
    if (const auto* number = object.if_contains("fencing"); number && number->is_int64()) {
        lease.fencing = number->get_int64();
    }
    return lease;
}

base::Result<void> ApiClient::release_lease(std::string_view name, const Lease& lease) {
    net::ClientRequest request;
    request.method = net::Method::kDelete;
    request.target = Target(path_of("leases", name))
                         .add("holder", lease.holder)
                         .add("fencing", fmt::to_string(lease.fencing))
                         .take();
    VMSECURITY_TRY(send(std::move(request)));
    return {};
}

}  // namespace vmsecurity::sdk
