#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/access/authenticator.h"
#include "base/result.h"
#include "net/server/server.h"
#include "service/settings.h"

namespace vmsecurity::apiserver {

struct DatabaseOptions {
    std::string place;  // sqlite:PATH, or postgresql://USER@HOST:PORT/NAME?sslmode=verify-full
    std::string password_file;
    std::uint64_t read_connections = 4;
    bool read_only = false;  // SQLite: beside the server that has the file open
};

struct Options {
    std::vector<std::string> listen;
    std::string health_address;
    std::string port_file;         // where the bound ports are written to; empty: nowhere
    std::string admin_token_file;  // where the first admin token is written to; empty: nowhere
    DatabaseOptions database;
    AccessOptions access;
    std::optional<net::TlsFiles> tls;
    net::RateLimit rate_limit;
    net::CrossOrigin cross_origin;
    std::uint64_t page_limit = 0;
    std::uint64_t max_body_bytes = 16U << 20U;
    std::chrono::milliseconds request_time{60'000};
    std::chrono::milliseconds grace{10'000};
    std::chrono::milliseconds retention_interval{3'600'000};
};

// What may be set, and the names that VMClarity's variables had.
std::span<const service::Setting> known_settings();
std::span<const std::pair<std::string_view, std::string_view>> setting_aliases();
// The variables that said together where the database is (DATABASE_DRIVER, DB_HOST, ...) as a value
// of the setting `database`; empty if none is set.
std::string legacy_database(const service::Settings::Environment& environment);
// The password that belonged to them; empty if none is set.
std::string legacy_password(const service::Settings::Environment& environment);

// kInvalidArgument: a value that cannot be used, or a server beyond loopback without access
// control.
base::Result<Options> read_options(const service::Settings& settings);

}  // namespace vmsecurity::apiserver
