#include "daemon/store/mode.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include "apiserver/database.h"
#include "daemon/daemon.h"
#include "daemon/settings/settings_options.h"
#include "store/store.h"
#include "store/transfer/transfer.h"

namespace vmsecurity::daemon {

namespace {

constexpr std::array<service::Setting, 2> kSettings = {{
    {"database", "sqlite:vmsecurity.db",
     "sqlite:PATH, or postgresql://USER@HOST:PORT/NAME?sslmode=verify-full", false},
    {"database-password-file", "", "file with the password of the PostgreSQL user", false},
}};

struct Flags {
    SettingsOptions settings;
    std::string file;
};

enum class Access : bool { kReadOnly, kReadWrite };

base::Result<std::unique_ptr<sql::Database>> open(const Flags& flags, Access access) {
    VMSECURITY_ASSIGN(const service::Settings settings,
                      flags.settings.load("store", kSettings, {}));
    apiserver::DatabaseOptions options;
    options.place = settings.text("database");
    options.password_file = settings.text("database-password-file");
    options.read_only = access == Access::kReadOnly;
    return apiserver::open_database(options);
}

// A line on standard error every few seconds, so that short runs stay silent.
class ProgressLine {
  public:
    void operator()(std::string_view table, std::uint64_t rows) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return;
        next_ = now + kPause;
        fmt::print(stderr, "vmsecurityd: {}: {} rows\n", table, rows);
    }

  private:
    static constexpr std::chrono::seconds kPause{5};
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + kPause;
};

base::Result<void> migrate(const Flags& flags) {
    VMSECURITY_ASSIGN(auto database, open(flags, Access::kReadWrite));
    VMSECURITY_ASSIGN(const auto store, store::Store::open(std::move(database)));
    return {};
}

base::Result<void> backup(const Flags& flags) {
    VMSECURITY_ASSIGN(const auto database, open(flags, Access::kReadOnly));
    return database->backup(flags.file);
}

base::Result<void> export_all(const Flags& flags) {
    VMSECURITY_ASSIGN(const auto database, open(flags, Access::kReadOnly));
    VMSECURITY_ASSIGN(const std::uint64_t rows,
                      store::transfer::export_to_file(*database, flags.file, ProgressLine()));
    fmt::print(stderr, "vmsecurityd: {} rows exported to {}\n", rows, flags.file);
    return {};
}

base::Result<void> import_all(const Flags& flags) {
    VMSECURITY_ASSIGN(const auto database, open(flags, Access::kReadWrite));
    VMSECURITY_ASSIGN(const std::uint64_t rows,
                      store::transfer::import_from_file(*database, flags.file, ProgressLine()));
    fmt::print(stderr, "vmsecurityd: {} rows imported from {}\n", rows, flags.file);
    return {};
}

int report(const base::Result<void>& done) {
    if (done) return kDone;
    tell(done.error());
    return done.error().code == base::ErrorCode::kInvalidArgument ? kUsage : kFailed;
}

struct Command {
    const char* name;
    const char* help;
    base::Result<void> (*work)(const Flags&);
    const char* file_option = nullptr;
    const char* footer = "";
};

constexpr std::array<Command, 4> kCommands = {{
    {.name = "migrate", .help = "Bring the database to this version's schema.", .work = migrate},
    {.name = "backup",
     .help = "Copy a SQLite database that may be in use into a new file.",
     .work = backup,
     .file_option = "--to"},
    {.name = "export",
     .help = "Write all of a store, which may be in use, into a new file that an empty store of "
             "either database takes. Leases and the change feed stay behind.",
     .work = export_all,
     .file_option = "--to",
     .footer =
         "\nExample: from SQLite to PostgreSQL, with the server stopped\n"
         "  vmsecurityd store export --database sqlite:vmsecurity.db --to vms.ndjson.zst\n"
         "  vmsecurityd store import --database postgresql://vms@db/vms --from vms.ndjson.zst\n"
         "\nThe file holds hashes of tokens: keep it as you keep the database."},
    {.name = "import",
     .help = "Read an export into an empty store that no server has open. One that fails leaves "
             "the store empty; one that is killed leaves a database that no program opens.",
     .work = import_all,
     .file_option = "--from",
     .footer = "\nExample:\n"
               "  vmsecurityd store import --database sqlite:new.db --from vms.ndjson.zst"},
}};

void add_command(CLI::App& store, const Command& command, std::function<int()>& chosen) {
    CLI::App* added = store.add_subcommand(command.name, command.help);
    added->footer(command.footer);
    auto flags = std::make_shared<Flags>();
    flags->settings.add(*added, kSettings);
    if (command.file_option != nullptr) {
        added->add_option(command.file_option, flags->file, "the file")
            ->option_text("FILE")
            ->required();
    }
    added->callback([flags, work = command.work, &chosen] {
        chosen = [flags, work] { return report(work(*flags)); };
    });
}

}  // namespace

void add_store(CLI::App& app, std::function<int()>& chosen) {
    CLI::App* store = app.add_subcommand("store", "Look after the database.");
    store->require_subcommand(1);
    for (const Command& command : kCommands) add_command(*store, command, chosen);
}

}  // namespace vmsecurity::daemon
