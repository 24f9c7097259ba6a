#include "apiserver/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "service/web/listener_settings.h"

namespace vmsecurity::apiserver {

namespace {

using service::Setting;

constexpr std::array<Setting, 24> kSettings = {{
    {"listen", "127.0.0.1:8888", "addresses of the API, host:port, parted by commas", false},
    {"health-address", "127.0.0.1:8081", "address of /healthz/live, /healthz/ready and /metrics",
     false},
    {"port-file", "", "write the bound addresses to this file, as JSON, once they accept", false},
    {"database", "sqlite:vmsecurity.db",
     "sqlite:PATH, or postgresql://USER@HOST:PORT/NAME?sslmode=verify-full", false},
    {"database-password-file", "", "file with the password of the PostgreSQL user", false},
    {"read-connections", "4", "connections for reading", false},
    {"authentication", "false",
     "ask everybody for a token; without it only loopback may be listened on", true},
    {"admin-token-file", "",
     "at the first start, write a new admin's token to this file (mode 0600)", false},
    {"tls-certificate", "", "PEM file with the server's certificate chain", false},
    {"tls-key", "", "PEM file with the server's private key", false},
    {"oidc-issuer", "", "issuer whose JWTs are accepted", false},
    {"oidc-audience", "vmsecurity", "audience that those JWTs have to be for", false},
    {"oidc-keys", "", "file or URL with the issuer's JSON Web Key Set", false},
    {"oidc-role-claim", "vmsecurity_role",
     "claim with the role (viewer, operator, admin) of subjects that are no users here", false},
    {"page-limit", "0", "most objects of one list; 0: no limit, as VMClarity had none", false},
    {"rate-limit", "0", "requests a second for each client; 0: no limit", false},
    {"rate-burst", "200", "requests that a client may send at once", false},
    {"max-body-bytes", "16777216", "largest body of an ordinary request", false},
    {"request-time", "60s", "longest time of an ordinary request", false},
    {"grace", "10s", "time that running requests are given when the server stops", false},
    {"cors-origins", "", "origins whose pages may use the API, parted by commas", false},
    {"retention-interval", "1h", "how often what is too old is deleted", false},
    {"log-level", "info", "debug, info, warning or error", false},
    {"log-format", "text", "text, or json (a JSON object a line)", false},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kAliases = {{
    {"HEALTH_CHECK_ADDRESS", "health-address"},
    {"LOG_LEVEL", "log-level"},
    {"VMCLARITY_APISERVER_LISTEN_ADDRESS", "listen"},
    {"OPENCLARITY_APISERVER_LISTEN_ADDRESS", "listen"},
    {"VMCLARITY_APISERVER_HEALTHCHECK_ADDRESS", "health-address"},
    {"OPENCLARITY_APISERVER_HEALTHCHECK_ADDRESS", "health-address"},
    {"BACKEND_REST_ADDRESS", "listen"},
    {"VMCLARITY_APISERVER_LOG_LEVEL", "log-level"},
    {"OPENCLARITY_APISERVER_LOG_LEVEL", "log-level"},
}};

base::Result<void> check_exposure(const service::Settings& settings, const Options& options) {
    if (options.access.required) return {};
    for (const std::string& address : options.listen) {
        if (service::is_loopback(address)) continue;
        return base::fail(settings.error(
            "listen", fmt::format("an address on loopback: without authentication nobody else may "
                                  "reach the API. Switch it on (--authentication), or listen on "
                                  "127.0.0.1; '{}' is open to the network",
                                  address)));
    }
    return {};
}

}  // namespace

std::span<const Setting> known_settings() {
    return kSettings;
}

std::span<const std::pair<std::string_view, std::string_view>> setting_aliases() {
    return kAliases;
}

namespace {

std::string legacy_value(const service::Settings::Environment& environment,
                         std::initializer_list<const char*> names) {
    for (const std::string name : names) {
        for (const std::string prefix : {"", "VMCLARITY_APISERVER_", "OPENCLARITY_APISERVER_"}) {
            if (const auto value = environment(prefix + name); value && !value->empty()) {
                return *value;
            }
        }
    }
    return {};
}

}  // namespace

std::string legacy_password(const service::Settings::Environment& environment) {
    return legacy_value(environment, {"DB_PASS", "DB_PASSWORD"});
}

std::string legacy_database(const service::Settings::Environment& environment) {
    const auto first = [&](std::initializer_list<const char*> names) {
        return legacy_value(environment, names);
    };
    if (first({"DATABASE_DRIVER"}) == "POSTGRES") {
        const std::string host = first({"DB_HOST"});
        const std::string port = first({"DB_PORT_NUMBER", "DB_PORT"});
        std::string mode = first({"DB_SSLMODE"});
        // VMClarity never encrypted; whoever sets nothing gets TLS where the server has it.
        if (mode.empty()) mode = "prefer";
        return fmt::format("postgresql://{}@{}:{}/{}?sslmode={}", first({"DB_USER"}), host,
                           port.empty() ? "5432" : port, first({"DB_NAME"}), mode);
    }
    const std::string path = first({"LOCAL_DB_PATH"});
    return path.empty() ? std::string{} : "sqlite:" + path;
}

base::Result<Options> read_options(const service::Settings& settings) {
    Options options;
    options.listen = settings.list("listen");
    if (options.listen.empty()) return base::fail(settings.error("listen", "host:port"));
    options.health_address = settings.text("health-address");
    options.port_file = settings.text("port-file");
    options.admin_token_file = settings.text("admin-token-file");
    options.database.place = settings.text("database");
    options.database.password_file = settings.text("database-password-file");
    VMSECURITY_ASSIGN(options.database.read_connections, settings.number("read-connections"));
    if (options.database.read_connections < 1 || options.database.read_connections > 256) {
        return base::fail(settings.error("read-connections", "1 to 256"));
    }
    VMSECURITY_ASSIGN(options.access.required, settings.truth("authentication"));
    options.access.oidc.issuer = settings.text("oidc-issuer");
    options.access.oidc.audience = settings.text("oidc-audience");
    options.access.oidc.keys = settings.text("oidc-keys");
    options.access.oidc.role_claim = settings.text("oidc-role-claim");
    if (options.access.oidc.issuer.empty() != options.access.oidc.keys.empty()) {
        return base::fail(
            settings.error(options.access.oidc.issuer.empty() ? "oidc-issuer" : "oidc-keys",
                           "a value: oidc-issuer and oidc-keys go together"));
    }
    VMSECURITY_ASSIGN(options.tls, service::read_tls(settings));
    VMSECURITY_ASSIGN(options.page_limit, settings.number("page-limit"));
    VMSECURITY_ASSIGN(const std::uint64_t rate, settings.number("rate-limit"));
    VMSECURITY_ASSIGN(const std::uint64_t burst, settings.number("rate-burst"));
    options.rate_limit.rate = static_cast<double>(rate);
    options.rate_limit.burst = static_cast<double>(std::max<std::uint64_t>(burst, 1));
    VMSECURITY_ASSIGN(options.max_body_bytes, settings.number("max-body-bytes"));
    VMSECURITY_ASSIGN(options.request_time, settings.duration("request-time"));
    VMSECURITY_ASSIGN(options.grace, settings.duration("grace"));
    VMSECURITY_ASSIGN(options.retention_interval, settings.duration("retention-interval"));
    options.cross_origin.origins = settings.list("cors-origins");
    VMSECURITY_TRY(check_exposure(settings, options));
    return options;
}

}  // namespace vmsecurity::apiserver
