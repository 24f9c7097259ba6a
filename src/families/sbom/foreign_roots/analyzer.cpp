#include "families/sbom/foreign_roots/analyzer.h"

#include "families/sbom/database_files.h"
#include "families/sbom/records.h"

namespace vmsecurity::families::sbom::foreign_roots {
namespace {

// Only that the file is there counts.
constexpr std::uint64_t kPresence = 1;

class ForeignRootsAnalyzer : public scan::Analyzer {
  public:
    std::string_view id() const override { return "sbom/foreign-roots"; }

    std::vector<scan::Want> wants() const override {
        std::vector<scan::Want> wants;
        for (std::string& pattern : database_file_patterns()) {
            wants.push_back({std::move(pattern), kPresence});
        }
        return wants;
    }

    base::Result<void> analyze(const scan::File& file, scan::Sink& sink) const override {
        if (!database_file_at(file.path)) {
            return base::fail(base::ErrorCode::kInternal,
                              "sbom/foreign-roots did not ask for this file");
        }
        sink.emit(kDatabaseFileRecord, {});
        return {};
    }
};

}  // namespace

std::unique_ptr<scan::Analyzer> make_analyzer() {
    return std::make_unique<ForeignRootsAnalyzer>();
}

}  // namespace vmsecurity::families::sbom::foreign_roots
