#include "advisoryserver/handlers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "base/log.h"
#include "codec/json_writer.h"
#include "model/schema/time.h"
#include "schedule/civil.h"
#include "service/web/entity_tag.h"
#include "service/web/json_answer.h"

namespace vmsecurity::advisoryserver {

namespace {

constexpr std::size_t kBlock = 64 << 10;
constexpr std::chrono::hours kDownloadTime{1};

std::chrono::sys_seconds now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::int64_t age_of(const AdvisoryFile& file, std::chrono::sys_seconds time) {
    return std::max<std::int64_t>(0, (time - file.built).count());
}

std::string rfc3339(std::chrono::sys_seconds time) {
    return model::schema::format_time({time.time_since_epoch().count(), 0});
}

// RFC 9110 §5.6.7.
std::string http_date(std::chrono::sys_seconds time) {
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const schedule::Civil date = schedule::to_civil(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       kDays.at(schedule::weekday_of(date.year, date.month, date.day)), date.day,
                       kMonths.at(date.month - 1), date.year, date.hour, date.minute, date.second);
}

net::Headers headers_of(const AdvisoryFile& file) {
    net::Headers headers;
    headers.add("ETag", file.entity_tag());
    headers.add("Last-Modified", http_date(file.built));
    headers.add("X-Checksum-Sha256", file.sha256);
    headers.add("Cache-Control", "no-cache");  // kept, but asked about each time
    return headers;
}

std::optional<net::Response> send_file(const net::Request& request, const AdvisoryFile& file,
                                       net::BodyWriter& writer) {
    net::Headers headers = headers_of(file);
    if (service::matches_entity_tag(request, file.entity_tag())) {
        return net::Response{304, std::move(headers), {}};
    }
    headers.add("Content-Type", "application/octet-stream");
    if (auto begun = writer.begin(200, std::move(headers)); !begun) return std::nullopt;
    std::vector<char> block(kBlock);
    for (std::uint64_t offset = 0; request.method == net::Method::kGet && offset < file.size;) {
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, file.size - offset));
        const auto bytes = std::as_writable_bytes(std::span(block.data(), count));
        if (auto got = base::read_exactly(file.descriptor.get(), offset, bytes); !got) {
            base::log::error("the advisory file cannot be read: {}", got.error().describe());
            return std::nullopt;  // the connection is cut, so that nobody takes it for whole
        }
        if (!writer.write({block.data(), count})) return std::nullopt;
        offset += count;
    }
    (void)writer.finish();  // a client that went away is no concern of ours
    return std::nullopt;
}

std::shared_ptr<net::Route> simple_route(std::string name,
                                         std::function<net::Response(const net::Request&)> run) {
    auto route = std::make_shared<net::Route>();
    route->handler.simple = std::move(run);
    route->name = std::move(name);
    return route;
}

}  // namespace

std::string info_json(const BuildState& state, std::chrono::sys_seconds now,
                      std::chrono::milliseconds stale_after) {
    codec::JsonWriter json;
    json.begin_object();
    if (state.file) {
        const std::int64_t age = age_of(*state.file, now);
        json.member("builtOn", state.file->built_on);
        json.member("ageSeconds", age);
        json.member("stale", std::chrono::seconds(age) > stale_after);
        json.member("records", state.file->records);
        json.member("sizeBytes", state.file->size);
        json.member("sha256", state.file->sha256);
    }
    json.member("building", state.building);
    if (!state.error.empty()) json.member("error", state.error);
    if (state.next) json.member("nextBuildOn", rfc3339(*state.next));
    json.end_object();
    std::string text = json.take();
    if (state.file) text.insert(text.size() - 1, ",\"sources\":" + state.file->sources);
    return text;
}

std::string metrics_text(const BuildState& state, std::chrono::sys_seconds now) {
    std::string text;
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                         std::int64_t value) {
        text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type, value);
    };
    if (state.file) {
        add("vmsecurity_advisories_age_seconds", "gauge", "Age of the advisory file.",
            age_of(*state.file, now));
        add("vmsecurity_advisories_built_timestamp_seconds", "gauge",
            "When the advisory file was built.", state.file->built.time_since_epoch().count());
        add("vmsecurity_advisories_records", "gauge", "Records of the advisory file.",
            static_cast<std::int64_t>(state.file->records));
        add("vmsecurity_advisories_size_bytes", "gauge", "Size of the advisory file.",
            static_cast<std::int64_t>(state.file->size));
    }
    if (state.last_success) {
        add("vmsecurity_advisories_last_success_timestamp_seconds", "gauge",
            "When a build succeeded last.", state.last_success->time_since_epoch().count());
    }
    add("vmsecurity_advisories_builds_succeeded_total", "counter", "Builds that succeeded.",
        static_cast<std::int64_t>(state.succeeded));
    add("vmsecurity_advisories_builds_failed_total", "counter", "Builds that failed.",
        static_cast<std::int64_t>(state.failed));
    return text;
}

net::Dispatch make_dispatch(std::function<BuildState()> state,
                            std::chrono::milliseconds stale_after) {
    auto file = std::make_shared<net::Route>();
    file->handler.streaming = [state](const net::Request& request, net::BodyReader&,
                                      net::BodyWriter& writer) -> std::optional<net::Response> {
        const auto held = state().file;
        if (held) return send_file(request, *held, writer);
        net::Response response =
            service::message_answer(503, "no advisory file has been built yet");
        response.headers.add("Retry-After", "10");
        return response;
    };
    file->lane = net::Lane::kBulk;
    file->time_limit = kDownloadTime;
    file->name = "GET /advisories.vmadv";
    std::map<std::string, std::shared_ptr<const net::Route>, std::less<>> routes;
    routes["/advisories.vmadv"] = std::move(file);
    routes["/info"] = simple_route("GET /info", [state, stale_after](const net::Request&) {
        return service::json_answer(200, info_json(state(), now(), stale_after));
    });
    const std::shared_ptr<const net::Route> unknown =
        simple_route("not found", [](const net::Request&) {
            return service::message_answer(404, "there are /advisories.vmadv and /info here");
        });
    const std::shared_ptr<const net::Route> wrong_method =
        simple_route("method not allowed", [](const net::Request&) {
            net::Response response = service::message_answer(405, "method not allowed; GET is");
            response.headers.add("Allow", "GET, HEAD");
            return response;
        });
    return [routes = std::move(routes), unknown, wrong_method](const net::Request& request) {
        const auto found = routes.find(request.path);
        if (found == routes.end()) return unknown;
        const bool read =
            request.method == net::Method::kGet || request.method == net::Method::kHead;
        return read ? found->second : wrong_method;
    };
}

}  // namespace vmsecurity::advisoryserver
