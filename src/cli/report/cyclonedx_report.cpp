#include "base/identifiers.h"
#include "cli/report/report.h"
#include "cli/version.h"

namespace vmsecurity::cli {

std::string to_cyclonedx(const Report& report) {
    families::sbom::CycloneDxDocument document;
    document.serial_number = "urn:uuid:" + base::random_uuid();
    document.timestamp = report.ended;
    document.source_name = report.target;
    document.tool_version = kVersion;
    return families::sbom::to_cyclonedx(report.roots, document);
}

}  // namespace vmsecurity::cli
