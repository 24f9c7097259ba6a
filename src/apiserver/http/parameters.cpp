#include "apiserver/http/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/text.h"
#include "odata/bind.h"

namespace vmsecurity::apiserver {

namespace {

using model::schema::Kind;
using model::schema::Parameter;
using model::schema::Place;

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Why a value is not what the parameter takes; empty if it is.
std::string fault_of(const Parameter& parameter, std::string_view value) {
    const auto& type = parameter.type;
    if (value.empty()) return "the value is empty; leave the parameter out instead";
    switch (type.kind) {
        case Kind::kInteger: {
            const auto number = parse_integer(value);
            if (!number) return fmt::format("'{}' is no integer", base::escape_bytes(value));
            const auto real = static_cast<double>(*number);
            if (type.minimum && real < *type.minimum) {
                return fmt::format("{} is less than {}", value, *type.minimum);
            }
            if (type.maximum && real > *type.maximum) {
                return fmt::format("{} is more than {}", value, *type.maximum);
            }
            return {};
        }
        case Kind::kBoolean:
            if (value == "true" || value == "false") return {};
            return fmt::format("'{}' is neither true nor false", base::escape_bytes(value));
        default:
            break;
    }
    if (type.max_length > 0 && value.size() > type.max_length) {
        return fmt::format("the value has {} bytes; at most {} are allowed", value.size(),
                           type.max_length);
    }
    if (!base::is_valid_utf8(value)) return "the value is not UTF-8";
    if (!type.enumeration.empty() &&
        std::ranges::find(type.enumeration, value) == type.enumeration.end()) {
        return fmt::format("'{}' is not one of {}", base::escape_bytes(value),
                           fmt::join(type.enumeration, ", "));
    }
    return {};
}

Refusal refuse_parameter(const Parameter& parameter, std::string fault) {
    constexpr std::string_view kPlaces[] = {"path", "query", "header"};
    return Refusal{
        .status = 400,
        .message = fmt::format("parameter \"{}\" in {} has an error: {}", parameter.name,
                               kPlaces[static_cast<std::size_t>(parameter.place)], fault),
        .code = "invalidParameter",
        .target = std::string(parameter.name),
        .position = std::nullopt,
        .details = {}};
}

std::optional<std::string_view> option(const net::Request& request, std::string_view name) {
    const net::QueryParameter* found = request.find_query(name);
    if (found == nullptr) return std::nullopt;
    return found->value;
}

odata::Instant now_instant() {
    return {std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace

std::optional<Refusal> check_parameters(const model::schema::RouteMatch& match,
                                        const net::Request& request) {
    for (const Parameter& parameter : match.route->parameters) {
        std::optional<std::string_view> value;
        if (parameter.place == Place::kPath) {
            value = match.parameter(parameter.name);
        } else if (parameter.place == Place::kQuery) {
            const auto times =
                std::ranges::count(request.query, parameter.name, &net::QueryParameter::name);
            if (times > 1) return refuse_parameter(parameter, "it is given more than once");
            value = option(request, parameter.name);
        } else if (parameter.name != "If-Match" && parameter.name != "If-None-Match") {
            value = request.headers.find(parameter.name);
        }
        if (!value) {
            if (parameter.required) {
                return refuse_parameter(parameter, "value is required but missing");
            }
            continue;
        }
        if (std::string fault = fault_of(parameter, *value); !fault.empty()) {
            return refuse_parameter(parameter, std::move(fault));
        }
    }
    return std::nullopt;
}

base::Result<odata::BoundQuery> read_query(const model::schema::Collection& collection,
                                           const net::Request& request) {
    odata::QueryText text;
    text.filter = option(request, "$filter");
    text.orderby = option(request, "$orderby");
    text.select = option(request, "$select");
    text.expand = option(request, "$expand");
    text.apply = option(request, "$apply");
    text.count = option(request, "$count");
    text.top = option(request, "$top");
    text.skip = option(request, "$skip");
    text.skiptoken = option(request, "$skiptoken");
    // 0.6 took a negative number for "no limit".
    if (text.top && text.top->starts_with('-')) text.top.reset();
    if (text.skip && text.skip->starts_with('-')) text.skip.reset();
    return odata::read_query(collection, text, {.now = now_instant()});
}

bool has_projection(const net::Request& request) {
    return request.find_query("$select") != nullptr || request.find_query("$expand") != nullptr;
}

base::Result<std::optional<std::int64_t>> read_if_match(const net::Request& request) {
    auto header = request.headers.find("If-Match");
    if (!header) return std::nullopt;
    std::string_view value = base::trim(*header);
    if (value == "*") return std::nullopt;
    if (value.starts_with("W/")) value.remove_prefix(2);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
    }
    const auto revision = parse_integer(value);
    if (revision) return revision;
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("parameter \"If-Match\" in header has an error: '{}' is no "
                                  "revision; send the number that the object has, such as 7",
                                  base::escape_bytes(*header)));
}

base::Result<std::optional<LeaseClaim>> read_lease_claim(const net::Request& request) {
    const auto header = request.headers.find("X-Lease");
    if (!header) return std::nullopt;
    const std::size_t slash = header->rfind('/');
    const auto fencing =
        slash == std::string_view::npos ? std::nullopt : parse_integer(header->substr(slash + 1));
    if (!fencing || slash == 0) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "parameter \"X-Lease\" in header has an error: expected name/fencing, "
                          "such as orchestrator/12");
    }
    return LeaseClaim{std::string(header->substr(0, slash)), *fencing};
}

}  // namespace vmsecurity::apiserver
