#include "net/server/server_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

namespace vmsecurity::net {
namespace {

constexpr std::array<std::string_view, 4> kLanes{"health", "read", "write", "bulk"};
constexpr std::array<std::string_view, 6> kClasses{"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
constexpr std::array<std::string_view, 3> kRejections{"connections", "rate", "malformed"};

// A label's value (Prometheus exposition formats, "Text format details").
std::string in_quotes(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') out.push_back('\\');
        out.push_back(c == '\n' ? ' ' : c);
    }
    return out;
}

template <typename... Args>
void line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
    out.push_back('\n');
}

void family(std::string& out, std::string_view name, std::string_view type, std::string_view help) {
    line(out, "# HELP {} {}\n# TYPE {} {}", name, help, name, type);
}

}  // namespace

ServerMetrics::Counters& ServerMetrics::counters(std::string_view route) {
    auto found = routes_.find(route);
    if (found == routes_.end()) {
        const std::string_view name = routes_.size() < kMaxRoutes ? route : "other";
        found = routes_.try_emplace(std::string(name)).first;
    }
    return found->second;
}

void ServerMetrics::count(std::string_view route, int status, std::chrono::microseconds duration,
                          std::uint64_t request_bytes, std::uint64_t response_bytes) {
    const auto bucket = std::ranges::lower_bound(kBounds, duration.count()) - kBounds.begin();
    const std::size_t status_class = std::min<std::size_t>(static_cast<unsigned>(status) / 100, 5);
    const std::lock_guard lock(mutex_);
    Counters& one = counters(route);
    ++one.by_class[status_class];
    ++one.latency[static_cast<std::size_t>(bucket)];
    one.microseconds += duration.count();
    one.request_bytes += request_bytes;
    one.response_bytes += response_bytes;
}

std::string ServerMetrics::text(const Lanes& lanes, std::size_t connections) const {
    std::map<std::string, Counters> routes;
    {
        const std::lock_guard lock(mutex_);
        routes.insert(routes_.begin(), routes_.end());
    }
    std::string out;
    family(out, "vmsecurity_http_requests_total", "counter",
           "Requests answered; \"none\" for clients that went away before.");
    for (const auto& [route, one] : routes) {
        for (std::size_t i = 0; i < kClasses.size(); ++i) {
            if (one.by_class[i] == 0) continue;
            line(out, "vmsecurity_http_requests_total{{route=\"{}\",status=\"{}\"}} {}",
                 in_quotes(route), kClasses[i], one.by_class[i]);
        }
    }
    family(out, "vmsecurity_http_request_duration_seconds", "histogram",
           "From the end of the header to the last byte of the answer.");
    for (const auto& [route, one] : routes) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < one.latency.size(); ++i) {
            sum += one.latency[i];
            const std::string bound = i < kBounds.size()
                                          ? fmt::format("{}", static_cast<double>(kBounds[i]) / 1e6)
                                          : "+Inf";
            line(out,
                 "vmsecurity_http_request_duration_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}",
                 in_quotes(route), bound, sum);
        }
        line(out, "vmsecurity_http_request_duration_seconds_sum{{route=\"{}\"}} {}",
             in_quotes(route), static_cast<double>(one.microseconds) / 1e6);
        line(out, "vmsecurity_http_request_duration_seconds_count{{route=\"{}\"}} {}",
             in_quotes(route), sum);
    }
    family(out, "vmsecurity_http_request_bytes_total", "counter", "Bodies received, as sent.");
    for (const auto& [route, one] : routes) {
        line(out, "vmsecurity_http_request_bytes_total{{route=\"{}\"}} {}", in_quotes(route),
             one.request_bytes);
    }
    family(out, "vmsecurity_http_response_bytes_total", "counter", "Bodies sent, as sent.");
    for (const auto& [route, one] : routes) {
        line(out, "vmsecurity_http_response_bytes_total{{route=\"{}\"}} {}", in_quotes(route),
             one.response_bytes);
    }
    family(out, "vmsecurity_http_requests_in_flight", "gauge", "Requests not yet answered.");
    line(out, "vmsecurity_http_requests_in_flight {}", in_flight.load());
    family(out, "vmsecurity_http_connections", "gauge", "Open connections.");
    line(out, "vmsecurity_http_connections {}", connections);
    std::array<Lanes::Load, kLanes.size()> loads;
    for (std::size_t i = 0; i < kLanes.size(); ++i) loads[i] = lanes.load(static_cast<Lane>(i));
    family(out, "vmsecurity_http_lane_waiting", "gauge", "Requests that wait for a thread.");
    for (std::size_t i = 0; i < kLanes.size(); ++i) {
        line(out, "vmsecurity_http_lane_waiting{{lane=\"{}\"}} {}", kLanes[i], loads[i].waiting);
    }
    family(out, "vmsecurity_http_lane_running", "gauge", "Requests that a thread is at.");
    for (std::size_t i = 0; i < kLanes.size(); ++i) {
        line(out, "vmsecurity_http_lane_running{{lane=\"{}\"}} {}", kLanes[i], loads[i].running);
    }
    family(out, "vmsecurity_http_lane_rejected_total", "counter",
           "Requests answered 503 because their lane was full.");
    for (std::size_t i = 0; i < kLanes.size(); ++i) {
        line(out, "vmsecurity_http_lane_rejected_total{{lane=\"{}\"}} {}", kLanes[i],
             loads[i].rejected);
    }
    family(out, "vmsecurity_http_rejected_total", "counter",
           "Connections and requests turned away before they had a route.");
    for (std::size_t i = 0; i < kRejections.size(); ++i) {
        line(out, "vmsecurity_http_rejected_total{{reason=\"{}\"}} {}", kRejections[i],
             rejected_[i].load());
    }
    return out;
}

}  // namespace vmsecurity::net
