#include "daemon/advisory_server/mode.h"

#include <memory>

#include "advisoryserver/advisory_server.h"
#include "base/log.h"
#include "cli/companion/companion.h"
#include "daemon/daemon.h"
#include "daemon/settings/settings_options.h"
#include "service/stop_signal.h"

namespace vmsecurity::daemon {

namespace {

base::Result<advisoryserver::Options> read_all(const SettingsOptions& flags) {
    VMSECURITY_ASSIGN(const service::Settings settings,
                      flags.load("advisory-server", advisoryserver::known_settings(), {}));
    VMSECURITY_TRY(set_up_log(settings));
    VMSECURITY_ASSIGN(advisoryserver::Options options, advisoryserver::read_options(settings));
    if (options.build_program.empty()) {
        VMSECURITY_ASSIGN(options.build_program, cli::find_companion("vmsecurity-advisories"));
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
    advisoryserver::AdvisoryServer server(std::move(*options));
    if (auto started = server.start(); !started) {
        tell(started.error());
        return started.error().code == base::ErrorCode::kInvalidArgument ? kUsage : kFailed;
    }
    for (const std::string& address : server.addresses()) {
        base::log::info("the advisory file is at {}", address);
    }
    base::log::info("health and metrics are at {}", server.health_address());
    const int number = stop.wait();
    base::log::info("stopping on signal {}", number);
    server.stop();
    return kDone;
}

}  // namespace

void add_advisory_server(CLI::App& app, std::function<int()>& chosen) {
    CLI::App* command = app.add_subcommand(
        "advisory-server", "Build the advisory file on a schedule and serve it to scanners.");
    auto flags = std::make_shared<SettingsOptions>();
    flags->add(*command, advisoryserver::known_settings());
    command->callback([flags, &chosen] { chosen = [flags] { return serve(*flags); }; });
}

}  // namespace vmsecurity::daemon
