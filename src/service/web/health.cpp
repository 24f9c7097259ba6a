#include "service/web/health.h"

#include <map>

#include "service/web/json_answer.h"

namespace vmsecurity::service {

namespace {

std::shared_ptr<const net::Route> route_of(std::string name,
                                           std::function<net::Response(const net::Request&)> run) {
    auto route = std::make_shared<net::Route>();
    route->handler.simple = std::move(run);
    route->lane = net::Lane::kHealth;
    route->name = std::move(name);
    return route;
}

}  // namespace

HealthServer::HealthServer(std::string address, std::function<std::string()> ready,
                           std::function<std::string()> metrics) {
    std::map<std::string, std::shared_ptr<const net::Route>, std::less<>> routes;
    routes["/healthz/live"] = route_of(
        "GET /healthz/live", [](const net::Request&) { return message_answer(200, "alive"); });
    routes["/healthz/ready"] = route_of("GET /healthz/ready", [ready](const net::Request&) {
        const std::string reason = ready();
        return reason.empty() ? message_answer(200, "ready") : message_answer(503, reason);
    });
    routes["/metrics"] = route_of("GET /metrics", [metrics](const net::Request&) {
        net::Response response;
        response.headers.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        response.body = metrics();
        return response;
    });
    const auto unknown = route_of("not found", [](const net::Request&) {
        return message_answer(404, "there are /healthz/live, /healthz/ready and /metrics here");
    });
    const auto wrong_method = route_of("method not allowed", [](const net::Request&) {
        net::Response response = message_answer(405, "method not allowed; GET is");
        response.headers.add("Allow", "GET, HEAD");
        return response;
    });
    net::ServerOptions options;
    options.listen = {std::move(address)};
    options.lanes = {net::LaneSize{1, 64}, net::LaneSize{1, 1}, net::LaneSize{1, 1},
                     net::LaneSize{1, 1}};
    options.limits.grace = std::chrono::milliseconds(500);
    server_ = std::make_unique<net::Server>(
        std::move(options), [routes, unknown, wrong_method](const net::Request& request) {
            const auto found = routes.find(request.path);
            if (found == routes.end()) return unknown;
            const bool read =
                request.method == net::Method::kGet || request.method == net::Method::kHead;
            return read ? found->second : wrong_method;
        });
}

base::Result<void> HealthServer::start() {
    return server_->start();
}
void HealthServer::stop() {
    server_->stop();
}

std::string HealthServer::address() const {
    const auto addresses = server_->addresses();
    return addresses.empty() ? std::string{} : addresses.front();
}

}  // namespace vmsecurity::service
