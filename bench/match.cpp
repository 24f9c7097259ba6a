// Matches packages against an advisory file, from process start:
//
//   match DATABASE PACKAGES [OS-ID VERSION-ID]
//
// PACKAGES has a line "deb|pypi TAB name TAB version TAB source TAB source-version" for each
// package.
//
//   match build OUTPUT FEED...     builds a database and prints what is in it

#include "families/vulnerabilities/match.h"

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <vector>

#include "advisories/feeds/build.h"
#include "base/text.h"
#include "measure.h"

using namespace vmsecurity;

namespace {

int build(const std::vector<std::string>& arguments) {
    const bench::Stopwatch watch;
    advisories::BuildOptions options;
    options.output = arguments[1];
    for (std::size_t i = 2; i < arguments.size(); ++i) {
        options.feeds.push_back({arguments[i], "", false});
    }
    const auto info = advisories::build_database(options);
    if (!info) {
        fmt::print(stderr, "{}\n", info.error().describe());
        return 1;
    }
    for (const auto& source : info->sources) {
        fmt::print("{}: {} records, {} withdrawn, {} skipped, {} rejected, newest {}\n",
                   source.name, source.records, source.withdrawn, source.skipped, source.rejected,
                   source.newest);
    }
    fmt::print("{} advisories, {} ecosystems, {} bytes, {:.0f} ms\n", info->advisories,
               info->ecosystems.size(), info->file_size, watch.milliseconds());
    return 0;
}

families::sbom::Sbom read_packages(const std::string& path) {
    families::sbom::Sbom sbom;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        const auto fields = base::split(line, '\t');
        if (fields.size() != 5) continue;
        model::Package& package = sbom.packages.emplace_back();
        package.type = fields[0];
        package.name = fields[1];
        package.version = fields[2];
        package.source_name = fields[3];
        package.source_version = fields[4];
    }
    return sbom;
}

int match(const std::vector<std::string>& arguments) {
    families::sbom::Sbom sbom = read_packages(arguments[1]);
    if (arguments.size() == 4) {
        sbom.os.id = arguments[2];
        sbom.os.version_id = arguments[3];
    }
    const std::uint64_t before = bench::anonymous_kib();
    const double cpu_before = bench::Stopwatch::cpu_milliseconds();
    const bench::Stopwatch watch;
    const auto database = advisories::Database::open(arguments[0]);
    if (!database) {
        fmt::print(stderr, "{}\n", database.error().describe());
        return 1;
    }
    const double opened = watch.milliseconds();
    const auto matches = families::vulnerabilities::match(sbom, *database);
    if (!matches) {
        fmt::print(stderr, "{}\n", matches.error().describe());
        return 1;
    }
    fmt::print(
        "{} packages, {} vulnerabilities: opened in {:.2f} ms, all in {:.2f} ms; {} KiB "
        "anonymous; CPU {:.2f} ms, of the whole process {:.2f} ms\n",
        sbom.packages.size(), matches->vulnerabilities.size(), opened, watch.milliseconds(),
        bench::anonymous_kib() - before, bench::Stopwatch::cpu_milliseconds() - cpu_before,
        bench::Stopwatch::cpu_milliseconds());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() >= 3 && arguments[0] == "build") return build(arguments);
    if (arguments.size() == 2 || arguments.size() == 4) return match(arguments);
    fmt::print(stderr,
               "usage: match DATABASE PACKAGES [OS-ID VERSION-ID] | build OUTPUT FEED...\n");
    return 2;
}
