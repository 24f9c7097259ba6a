#include "families/sbom/dpkg/analyzer.h"

#include <algorithm>

#include "families/sbom/dpkg/file_lists.h"
#include "families/sbom/dpkg/status.h"

namespace vmsecurity::families::sbom::dpkg {
namespace {

constexpr std::string_view kStatus = "var/lib/dpkg/status";
constexpr std::string_view kFragments = "var/lib/dpkg/status.d/";
constexpr std::string_view kJournal = "var/lib/dpkg/updates/";
constexpr std::string_view kInfo = "var/lib/dpkg/info/";

// dpkg names a finished file of its journal by digits and an unfinished one otherwise.
bool is_number(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

class DpkgAnalyzer : public scan::Analyzer {
  public:
    std::string_view id() const override { return "sbom/dpkg"; }

    std::vector<scan::Want> wants() const override {
        return {{std::string(kStatus)},
                {std::string(kFragments) + "*"},
                {std::string(kJournal) + "*"},
                {std::string(kInfo) + "*.list"}};
    }

    base::Result<void> analyze(const scan::File& file, scan::Sink& sink) const override {
        if (file.path == kStatus) {
            read_status(file, sink);
        } else if (file.path.starts_with(kInfo)) {
            read_file_list(file, sink);
        } else if (file.path.starts_with(kFragments)) {
            if (file.path.ends_with(".md5sums")) {
                read_md5sums(file, sink);
            } else {
                read_status_fragment(file, sink);
            }
        } else if (file.path.starts_with(kJournal)) {
            if (is_number(file.path.substr(kJournal.size()))) read_journal(file, sink);
        } else {
            return base::fail(base::ErrorCode::kInternal, "sbom/dpkg did not ask for this file");
        }
        return {};
    }
};

}  // namespace

std::unique_ptr<scan::Analyzer> make_analyzer() {
    return std::make_unique<DpkgAnalyzer>();
}

}  // namespace vmsecurity::families::sbom::dpkg
