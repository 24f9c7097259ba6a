#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/server/server.h"
#include "schedule/cron.h"
#include "schedule/time_zone.h"
#include "service/settings.h"

namespace vmsecurity::advisoryserver {

struct Options {
    std::vector<std::string> listen;
    std::string health_address;
    std::string port_file;  // where the bound ports are written to; empty: nowhere
    std::optional<net::TlsFiles> tls;
    std::vector<std::string> feeds;  // paths or http(s) URLs
    bool demo = false;               // the feeds are demonstration data
    std::string data_directory;      // of the advisory file; made if missing
    std::string build_program;       // `vmsecurity-advisories`
    std::optional<schedule::CronExpression> schedule;
    schedule::TimeZone zone = schedule::TimeZone::utc();  // of `schedule`
    std::chrono::milliseconds stale_after{0};
    std::chrono::milliseconds build_time{0};  // a build that takes longer is ended
};

std::span<const service::Setting> known_settings();

// `build_program` stays empty where the setting is. kInvalidArgument: a value that cannot be used.
base::Result<Options> read_options(const service::Settings& settings);

}  // namespace vmsecurity::advisoryserver
