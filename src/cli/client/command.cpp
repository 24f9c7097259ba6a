#include "cli/client/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/client/change.h"
#include "cli/client/collections.h"
#include "cli/client/fetch.h"
#include "cli/client/watch.h"
#include "cli/exit_status.h"
#include "cli/version.h"

namespace vmsecurity::cli {
namespace {

constexpr const char* kGetExamples = R"EX(Examples:
  vmsecurity get assets
  vmsecurity get finding 7c0e8b1e-… -o yaml
  vmsecurity get findings --filter "findingInfo/severity ge 'HIGH' and asset/name eq 'web-1'" --top 20
  vmsecurity get findings --orderby "foundOn desc" --select id,foundOn,asset/id -o csv
  vmsecurity get findings --apply "groupby((findingInfo/severity),aggregate($count as total))"
  vmsecurity get as --expand "asset,scan($select=name)" -o ndjson
  vmsecurity get scans --filter "state eq 'Failed'" --count)EX";

constexpr const char* kCreateExamples = R"EX(Examples:
  vmsecurity create scanConfig -f nightly.json
  echo '{"name": "ci", "role": "viewer"}' | vmsecurity create token -f -

Prints the id of what was created (all of a token, whose secret is never shown again). The file
holds one object, or an array of them.)EX";

constexpr const char* kUpdateExamples = R"EX(Examples:
  echo '{"disabled": true}' | vmsecurity update scanConfig ID -f -
  vmsecurity update scanConfig ID -f whole.json --replace --if-match 7

The file holds the members to change; null clears one (RFC 7386).)EX";

constexpr const char* kDeleteExamples = R"EX(Examples:
  vmsecurity delete savedView ID
  vmsecurity delete scanConfig ID --if-match 7)EX";

constexpr const char* kWatchExamples = R"EX(Examples:
  vmsecurity watch scans
  vmsecurity watch assetScans --filter "status/general/state eq 'Failed'" -o ndjson
  vmsecurity watch assets --since 1207 --limit 10

A broken connection is made anew and goes on behind the last change. ndjson has the change, its id,
and the object as it is now.)EX";

}  // namespace

CLI::App* ClientCommand::add(CLI::App& program, const char* name, const char* description,
                             const char* examples) {
    CLI::App* command = program.add_subcommand(name, description);
    command->footer(
        fmt::format("{}\n\nCollections, with their short names: {}.\n\nExit status: 0 done; 2 the "
                    "command line or the request is wrong; 4 it failed.",
                    examples, collection_names()));
    command->add_option("COLLECTION", collection_, "Such as findings, finding or f")->required();
    connection_.add_options(*command);
    return command;
}

void ClientCommand::add_body_options(CLI::App& command, const char* what) {
    command.add_option("--file,-f", file_, what)->type_name("FILE")->required();
    command.add_option("--output,-o", output_,
                       "Print the whole object: json, ndjson, yaml or table");
}

void ClientCommand::add_if_match(CLI::App& command) {
    command.add_option("--if-match", if_match_, "Only if the object still has this revision")
        ->type_name("REVISION");
}

ClientCommand::ClientCommand(CLI::App& program) {
    program.require_subcommand(1);
    get_ = add(program, "get", "List objects, or show some by id", kGetExamples);
    get_->add_option("ID", ids_, "Show these alone");
    GetSettings& get = get_settings_;
    get_->add_option("--filter", get.filter, "OData: which ones")->type_name("EXPRESSION");
    get_->add_option("--select", get.select, "Members, by path; the columns of a table")
        ->type_name("PATHS");
    get_->add_option("--orderby", get.orderby, "\"foundOn desc,id\"")->type_name("PATHS");
    get_->add_option("--expand", get.expand, "Relations to put in whole")->type_name("RELATIONS");
    get_->add_option("--apply", get.apply, "OData aggregation: groupby, aggregate, filter")
        ->type_name("EXPRESSION");
    get_->add_option("--top", get.top, "At most so many")->type_name("N");
    get_->add_option("--skip", get.skip, "Leave so many out at the start")->type_name("N");
    get_->add_flag("--all", get.all, "Show all in a table too, not the first 1,000");
    get_->add_flag("--count", get.count, "Print how many there are, and nothing else");
    get_->add_option("--output,-o", output_, fmt::format("{}", kOutputFormats))
        ->default_str("table");

    create_ = add(program, "create", "Create objects from JSON", kCreateExamples);
    add_body_options(*create_, "JSON of one object or an array of them; -: standard input");

    update_ = add(program, "update", "Change members of an object, or replace it", kUpdateExamples);
    update_->add_option("ID", id_, "Of the object")->required();
    add_body_options(*update_, "JSON of the members to change; -: standard input");
    update_->add_flag("--replace", replace_, "The file is the whole new object");
    add_if_match(*update_);

    delete_ = add(program, "delete", "Delete objects by id", kDeleteExamples);
    delete_->add_option("ID", ids_, "Of the objects")->required();
    add_if_match(*delete_);

    watch_ = add(program, "watch", "Print changes as they happen", kWatchExamples);
    watch_->add_option("--filter", get.filter, "OData: changes of objects that match")
        ->type_name("EXPRESSION");
    watch_->add_option("--since", since_, "Begin behind this change")->type_name("ID");
    watch_->add_option("--limit", limit_, "End after so many changes")->type_name("N");
    watch_->add_option("--output,-o", output_, "table or ndjson")->default_str("table");
}

base::Result<int> ClientCommand::run_chosen() {
    VMSECURITY_ASSIGN(const auto* display, find_collection(collection_));
    std::optional<OutputFormat> format;
    if (!output_.empty()) {
        VMSECURITY_ASSIGN(format, parse_output_format(output_));
    }
    const auto refuse = [](std::string message) {
        return base::fail(base::ErrorCode::kInvalidArgument, std::move(message));
    };
    if (get_->parsed() && !ids_.empty()) {
        const GetSettings& get = get_settings_;
        if (!get.filter.empty() || !get.orderby.empty() || !get.apply.empty() || get.top ||
            get.skip || get.count) {
            return refuse(
                "an ID goes with --select, --expand and --output alone; to narrow a "
                "list, leave the ID out");
        }
    }
    if (watch_->parsed() && format && *format != OutputFormat::kTable &&
        *format != OutputFormat::kNdjson) {
        return refuse("watch prints a table or ndjson");
    }
    VMSECURITY_ASSIGN(net::HttpClient client, connection_.open());
    if (get_->parsed()) {
        get_settings_.display = display;
        get_settings_.ids = ids_;
        get_settings_.format = format.value_or(OutputFormat::kTable);
        return run_get(client, get_settings_);
    }
    if (watch_->parsed()) {
        VMSECURITY_ASSIGN(net::HttpClient feed, connection_.open());
        return run_watch(
            feed, client,
            {display, get_settings_.filter, since_, limit_, format.value_or(OutputFormat::kTable)});
    }
    ChangeSettings change{display, ids_, file_, if_match_, replace_, format};
    if (create_->parsed()) return run_create(client, change);
    if (delete_->parsed()) return run_delete(client, change);
    change.ids = {id_};
    return run_update(client, change);
}

int ClientCommand::run() {
    const auto status = run_chosen();
    if (status) return *status;
    for (const CLI::App* command : {get_, create_, update_, delete_, watch_}) {
        if (command->parsed()) return fail_with(command->get_name(), status.error());
    }
    return kFailed;
}

int ClientCommand::main(int argc, char** argv) {
    CLI::App program("Reads and changes what the API server holds", std::string(kProgramName));
    ClientCommand command(program);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kComplete : kUsage;
    }
    return command.run();
}

}  // namespace vmsecurity::cli
