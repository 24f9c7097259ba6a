#include "cli/advisories/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include <CLI/CLI.hpp>

#include "advisories/database.h"
#include "advisories/feeds/build.h"
#include "base/identifiers.h"
#include "base/text.h"
#include "cli/advisories/info_report.h"
#include "cli/console/console.h"
#include "cli/console/text_table.h"
#include "cli/exit_status.h"
#include "cli/scan/settings.h"

namespace vmsecurity::cli {
namespace {

int refuse(const base::Error& error) {
    tell("vmsecurity advisories: {}\n", error.describe());
    return error.code == base::ErrorCode::kInvalidArgument ? kUsage : kFailed;
}

}  // namespace

AdvisoriesCommand::AdvisoriesCommand(CLI::App& command) {
    command.require_subcommand(1);
    build_ = command.add_subcommand(
        "build", "Read feeds (OSV JSON, Debian OVAL) into one file that scans use as it is");
    build_->footer(R"(Examples:
  vmsecurity advisories build osv/PyPI/all.zip oval-definitions-bookworm.xml.bz2
  vmsecurity advisories build ./my-advisories --name in-house -o in-house.vmadv

A feed is a path or an http(s) URL: a JSON record, a directory of them, a zip or NDJSON of OSV
records, or Debian's OVAL definitions, plain or compressed.)");
    build_->add_option("FEED", feeds_, "Paths or URLs of feeds")->required();
    build_->add_option("--output,-o", output_, "The file to write")
        ->type_name("FILE")
        ->default_str(default_advisories_path());
    build_->add_option("--name", name_, "What to call the source in reports");
    build_->add_flag("--demo", demo_,
                     "Mark the records as demonstration data wherever they appear");

    info_ = command.add_subcommand("info", "Show sources, counts and ages");
    verify_ = command.add_subcommand("verify", "Check the file from end to end");
    for (CLI::App* reader : {info_, verify_}) {
        reader->add_option("FILE", file_, "The advisory file")
            ->default_str(default_advisories_path());
    }
    info_->add_option("--format", format_, "table or json")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
}

int AdvisoriesCommand::main(int argc, char** argv) {
    CLI::App program("Builds and examines the advisory file", "vmsecurity advisories");
    AdvisoriesCommand command(program);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kComplete : kUsage;
    }
    return command.run();
}

int AdvisoriesCommand::run() {
    if (file_.empty()) file_ = default_advisories_path();
    if (output_.empty()) output_ = default_advisories_path();
    if (build_->parsed()) return build();
    return info_->parsed() ? info() : verify();
}

int AdvisoriesCommand::build() const {
    advisories::BuildOptions options;
    for (const std::string& feed : feeds_) options.feeds.push_back({feed, name_, demo_});
    options.output = output_;
    options.created = base::now_reproducible();
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    options.progress = [&](const advisories::Feed& feed, std::uint64_t records) {
        if (terminal) {
            tell("\r\x1b[2K{}: {} records", base::escape_bytes(feed.location), grouped(records));
        }
    };
    std::error_code
        ignored;  // a directory that cannot be made is met again when the file is opened
    std::filesystem::create_directories(std::filesystem::path(output_).parent_path(), ignored);
    const auto info = advisories::build_database(options);
    if (terminal) tell("\r\x1b[2K");
    if (!info) return refuse(info.error());
    fmt::print("{}", to_table(*info, output_, base::now_reproducible()));
    return kComplete;
}

int AdvisoriesCommand::info() const {
    const auto database = advisories::Database::open(file_);
    if (!database) return refuse(database.error());
    fmt::print("{}", format_ == "json"
                         ? to_json(database->info(), file_)
                         : to_table(database->info(), file_, base::now_reproducible()));
    return kComplete;
}

int AdvisoriesCommand::verify() const {
    const auto database = advisories::Database::open(file_);
    if (!database) return refuse(database.error());
    if (const auto sound = database->verify(); !sound) return refuse(sound.error());
    fmt::print("{}: sound, {} records\n", base::escape_bytes(file_),
               grouped(database->info().advisories));
    return kComplete;
}

}  // namespace vmsecurity::cli
