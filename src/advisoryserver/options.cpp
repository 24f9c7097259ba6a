#include "advisoryserver/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "service/web/listener_settings.h"

namespace vmsecurity::advisoryserver {

namespace {

constexpr std::array<service::Setting, 15> kSettings = {{
    {"listen", "127.0.0.1:9995", "addresses to serve at, host:port, parted by commas", false},
    {"health-address", "127.0.0.1:8085", "address of /healthz/live, /healthz/ready and /metrics",
     false},
    {"port-file", "", "write the bound addresses to this file, as JSON, once they accept", false},
    {"tls-certificate", "", "PEM file with the server's certificate chain", false},
    {"tls-key", "", "PEM file with the server's private key", false},
    {"feeds", "", "paths or http(s) URLs of OSV and Debian OVAL feeds, parted by commas", false},
    {"demo", "false", "mark the records as demonstration data wherever they appear", true},
    {"data-directory", "advisories", "directory of the advisory file, for this server alone",
     false},
    {"schedule", "0 */6 * * *", "when the file is built anew, as a cron expression", false},
    {"time-zone", "UTC", "time zone of the schedule: Europe/Berlin", false},
    {"stale-after", "48h", "age from which the file is called stale", false},
    {"build-time", "1h", "longest time of one build", false},
    {"build-program", "", "the program vmsecurity-advisories; without it, the one of this build",
     false},
    {"log-level", "info", "debug, info, warning or error", false},
    {"log-format", "text", "text, or json (a JSON object a line)", false},
}};

// Whoever can change the file on its way decides which vulnerabilities are found.
base::Result<void> check_exposure(const service::Settings& settings, const Options& options) {
    if (options.tls) return {};
    for (const std::string& address : options.listen) {
        if (service::is_loopback(address)) continue;
        return base::fail(settings.error(
            "listen", fmt::format("an address on loopback, or tls-certificate and tls-key: '{}' is "
                                  "open to the network",
                                  address)));
    }
    return {};
}

base::Result<void> read_schedule(const service::Settings& settings, Options& options) {
    auto cron = schedule::CronExpression::parse(settings.text("schedule"));
    if (!cron) {
        return base::fail(settings.error("schedule", "a cron expression: " + cron.error().message));
    }
    options.schedule = *std::move(cron);
    auto zone = schedule::TimeZone::find(settings.text("time-zone"));
    if (!zone) return base::fail(settings.error("time-zone", zone.error().message));
    options.zone = *std::move(zone);
    return {};
}

}  // namespace

std::span<const service::Setting> known_settings() {
    return kSettings;
}

base::Result<Options> read_options(const service::Settings& settings) {
    Options options;
    options.listen = settings.list("listen");
    if (options.listen.empty()) return base::fail(settings.error("listen", "host:port"));
    options.health_address = settings.text("health-address");
    options.port_file = settings.text("port-file");
    VMSECURITY_ASSIGN(options.tls, service::read_tls(settings));
    VMSECURITY_TRY(check_exposure(settings, options));
    options.feeds = settings.list("feeds");
    if (options.feeds.empty()) {
        return base::fail(settings.error("feeds", "at least one path or URL of a feed"));
    }
    // It would be an option of the program that reads the feeds.
    if (std::ranges::any_of(options.feeds, [](const auto& feed) { return feed[0] == '-'; })) {
        return base::fail(settings.error("feeds", "paths or URLs; none begins with '-'"));
    }
    VMSECURITY_ASSIGN(options.demo, settings.truth("demo"));
    options.data_directory = settings.text("data-directory");
    if (options.data_directory.empty()) {
        return base::fail(settings.error("data-directory", "a directory"));
    }
    options.build_program = settings.text("build-program");
    VMSECURITY_TRY(read_schedule(settings, options));
    VMSECURITY_ASSIGN(options.stale_after, settings.duration("stale-after"));
    VMSECURITY_ASSIGN(options.build_time, settings.duration("build-time"));
    return options;
}

}  // namespace vmsecurity::advisoryserver
