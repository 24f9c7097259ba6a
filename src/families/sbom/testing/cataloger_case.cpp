#include "families/sbom/testing/cataloger_case.h"

#include <array>

#include "codec/json_writer.h"
#include "families/testing/expected_file.h"

namespace vmsecurity::families::sbom::testing {
namespace {

using codec::JsonWriter;
using families::testing::FileProblem;

void member_unless_empty(JsonWriter& json, std::string_view name, const std::string& value) {
    if (!value.empty()) json.member(name, value);
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    json.key(name);
    json.begin_array();
    for (const std::string& value : values) json.value(value);
    json.end_array();
}

void write(JsonWriter& json, const model::OperatingSystem& os) {
    json.begin_object();
    json.member("id", os.id);
    write_list(json, "id_like", os.id_like);
    member_unless_empty(json, "version_id", os.version_id);
    member_unless_empty(json, "codename", os.codename);
    member_unless_empty(json, "name", os.name);
    member_unless_empty(json, "pretty_name", os.pretty_name);
    member_unless_empty(json, "location", os.location);
    json.end_object();
}

void write(JsonWriter& json, const model::Package& package) {
    json.begin_object();
    json.member("type", package.type);
    json.member("name", package.name);
    json.member("version", package.version);
    member_unless_empty(json, "architecture", package.architecture);
    member_unless_empty(json, "source_name", package.source_name);
    member_unless_empty(json, "source_version", package.source_version);
    member_unless_empty(json, "description", package.description);
    member_unless_empty(json, "maintainer", package.maintainer);
    write_list(json, "licenses", package.licenses);
    json.member("location", package.location);
    if (package.owner) json.member("owner", package.owner->name + " " + package.owner->version);
    member_unless_empty(json, "unread_database", package.unread_database);
    json.end_object();
}

void write(JsonWriter& json, const model::CoverageEntry& entry) {
    json.begin_object();
    json.member("scope", to_string(entry.scope));
    json.member("name", entry.name);
    json.member("state", to_string(entry.state));
    member_unless_empty(json, "reason", entry.reason);
    json.member("count", entry.count);
    json.end_object();
}

void write(JsonWriter& json, const FileProblem& problem) {
    json.begin_object();
    json.member("path", problem.path);
    json.member("reason", problem.reason);
    json.end_object();
}

template <typename T>
void write_all(JsonWriter& json, std::string_view name, const std::vector<T>& items) {
    json.key(name);
    json.begin_array();
    for (const T& item : items) write(json, item);
    json.end_array();
}

std::vector<RootLink> links_of(const std::filesystem::path& root) {
    std::vector<RootLink> links;
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
        if (!entry.is_symlink() || !entry.is_directory()) continue;
        links.push_back(
            {entry.path().filename().string(), std::filesystem::read_symlink(entry).string()});
    }
    return links;
}

}  // namespace

TreeSbom sbom_of_tree(std::span<const scan::Analyzer* const> analyzers,
                      const std::filesystem::path& root) {
    auto analysis = families::testing::analyze_tree(analyzers, root);
    const std::vector<RootLink> links = links_of(root);
    return {assemble(analysis.records, links), std::move(analysis.problems)};
}

std::string to_json(const TreeSbom& result) {
    JsonWriter json(2);
    json.begin_object();
    json.key("os");
    write(json, result.sbom.os);
    write_all(json, "packages", result.sbom.packages);
    write_all(json, "coverage", result.sbom.coverage);
    write_all(json, "problems", result.problems);
    json.end_object();
    return json.take() + "\n";
}

void run_cataloger_case(const scan::Analyzer& analyzer, const std::string& name) {
    const std::array<const scan::Analyzer*, 1> analyzers = {&analyzer};
    run_cataloger_case(analyzers, name);
}

void run_cataloger_case(std::span<const scan::Analyzer* const> analyzers, const std::string& name) {
    const std::filesystem::path folder = std::filesystem::path("testdata") / name;
    families::testing::expect_same_as_file(to_json(sbom_of_tree(analyzers, folder / "in")),
                                           folder / "expected.json");
}

}  // namespace vmsecurity::families::sbom::testing
