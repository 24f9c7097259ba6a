#include "daemon/apiserver/mode.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "apiserver/api_server.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/settings/settings_options.h"
#include "service/stop_signal.h"

namespace vmsecurity::daemon {

namespace {

base::Result<apiserver::Options> read_all(const SettingsOptions& flags) {
    VMSECURITY_ASSIGN(
        const service::Settings settings,
        flags.load("apiserver", apiserver::known_settings(), apiserver::setting_aliases()));
    VMSECURITY_TRY(set_up_log(settings));
    VMSECURITY_ASSIGN(apiserver::Options options, apiserver::read_options(settings));
    // What VMClarity's installations set holds where ours says nothing.
    if (options.database.place == "sqlite:vmsecurity.db") {
        const std::string legacy = apiserver::legacy_database(service::process_environment);
        if (!legacy.empty()) options.database.place = legacy;
        // libpq takes it from here, so that it stands in no connection string. No thread runs yet.
        const std::string password = apiserver::legacy_password(service::process_environment);
        if (!legacy.empty() && !password.empty()) {
            ::setenv("PGPASSWORD", password.c_str(), 0);  // NOLINT(concurrency-mt-unsafe)
        }
    }
    return options;
}

int serve(const SettingsOptions& flags) {
    service::StopSignal stop;
    auto options = read_all(flags);
    if (!options) {
        tell(options.error());
        return kUsage;
    }
    apiserver::ApiServer server(std::move(*options));
    if (auto started = server.start(); !started) {
        tell(started.error());
        return started.error().code == base::ErrorCode::kInvalidArgument ? kUsage : kFailed;
    }
    for (const std::string& address : server.addresses()) {
        base::log::info("the API is at {}", address);
    }
    base::log::info("health and metrics are at {}", server.health_address());
    const int number = stop.wait();
    base::log::info("stopping on signal {}", number);
    server.stop();
    return kDone;
}

}  // namespace

void add_apiserver(CLI::App& app, std::function<int()>& chosen) {
    CLI::App* command = app.add_subcommand("apiserver", "Serve the API from SQLite or PostgreSQL.");
    auto flags = std::make_shared<SettingsOptions>();
    flags->add(*command, apiserver::known_settings());
    command->callback([flags, &chosen] { chosen = [flags] { return serve(*flags); }; });
}

}  // namespace vmsecurity::daemon
