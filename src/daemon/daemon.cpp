#include "daemon/daemon.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "daemon/advisory_server/mode.h"
#include "daemon/apiserver/mode.h"
#include "daemon/store/mode.h"

namespace vmsecurity::daemon {

namespace {

constexpr std::string_view kFooter = R"(
Examples:
  vmsecurityd apiserver                                     SQLite in the current directory, loopback
  vmsecurityd apiserver --config /etc/vmsecurity/apiserver.yaml
  vmsecurityd apiserver --database 'postgresql://vms@db/vms?sslmode=verify-full' \
      --database-password-file /run/secrets/db --authentication \
      --listen 0.0.0.0:8888 --tls-certificate server.pem --tls-key server.key
  vmsecurityd advisory-server --feeds osv/PyPI/all.zip      an advisory file every 6 h, on loopback
  vmsecurityd store backup --database sqlite:vmsecurity.db --to backup.db

Every setting can stand in the YAML file, in the environment (VMSECURITY_DATABASE) and on the command
line, in rising order of strength.
Exit status: 0 stopped as asked, 2 usage or a setting that cannot be used, 4 failed.
)";

}  // namespace

int run(int argc, char** argv) {
    CLI::App app("The control plane of VM Security: one program, a mode for each service.",
                 "vmsecurityd");
    app.footer(std::string(kFooter));
    app.set_version_flag("--version", "vmsecurityd " VMSECURITY_VERSION);
    app.require_subcommand(1);
    std::function<int()> chosen;
    add_apiserver(app, chosen);
    add_advisory_server(app, chosen);
    add_store(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error);
        return status == 0 ? kDone : kUsage;
    }
    return chosen ? chosen() : kUsage;
}

}  // namespace vmsecurity::daemon
