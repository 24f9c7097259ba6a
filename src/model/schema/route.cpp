#include "model/schema/route.h"

#include <algorithm>
#include <array>

namespace vmsecurity::model::schema {
namespace {

using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;

std::string_view take_segment(std::string_view& path) {
    const std::size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    return segment;
}

bool is_parameter(std::string_view segment) {
    return segment.starts_with('{');
}

// Whether `path` fits `pattern`; both without their first slash.
bool fits(std::string_view pattern, std::string_view path, Parameters& parameters) {
    if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return false;
    while (!pattern.empty()) {
        const std::string_view wanted = take_segment(pattern);
        const std::string_view segment = take_segment(path);
        if (is_parameter(wanted)) {
            if (segment.empty()) return false;
            parameters.emplace_back(wanted.substr(1, wanted.size() - 2), segment);
        } else if (wanted != segment) {
            return false;
        }
    }
    return true;
}

std::string_view without_prefix(std::string_view path) {
    if (path == "/api" || path.starts_with("/api/")) path.remove_prefix(4);
    if (path.starts_with('/')) path.remove_prefix(1);
    return path;
}

// The methods of a path in a fixed order, GET with the HEAD that comes with it.
std::string allowed_methods(std::span<const Route> routes, std::string_view pattern) {
    static constexpr std::array<std::string_view, 5> kOrder = {"GET", "POST", "PUT", "PATCH",
                                                               "DELETE"};
    std::string allow;
    for (const std::string_view method : kOrder) {
        const bool known = std::ranges::any_of(routes, [&](const Route& route) {
            return route.path == pattern && route.method == method;
        });
        if (!known) continue;
        if (!allow.empty()) allow += ", ";
        allow += method;
        if (method == "GET") allow += ", HEAD";
    }
    return allow;
}

}  // namespace

const Parameter* Route::find(Place place, std::string_view name) const {
    const auto found = std::ranges::find_if(
        parameters, [&](const Parameter& one) { return one.place == place && one.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

std::string_view RouteMatch::parameter(std::string_view name) const {
    const auto found =
        std::ranges::find(parameters, name, [](const auto& one) { return one.first; });
    return found == parameters.end() ? std::string_view() : found->second;
}

RouteMatch match_route(std::span<const Route> routes, std::string_view method,
                       std::string_view path) {
    path = without_prefix(path);
    if (method == "HEAD") method = "GET";
    RouteMatch match;
    std::string_view pattern;  // the best so far
    for (const Route& route : routes) {
        if (route.path == pattern) continue;
        // Fewer parameters, more fixed words: the better fit.
        if (!pattern.empty() &&
            std::ranges::count(route.path, '{') >= std::ranges::count(pattern, '{')) {
            continue;
        }
        Parameters parameters;
        if (!fits(route.path.substr(1), path, parameters)) continue;
        pattern = route.path;
        match.parameters = std::move(parameters);
    }
    if (pattern.empty()) return match;
    for (const Route& route : routes) {
        if (route.path == pattern && route.method == method) match.route = &route;
    }
    if (match.route == nullptr) match.allow = allowed_methods(routes, pattern);
    return match;
}

}  // namespace vmsecurity::model::schema
