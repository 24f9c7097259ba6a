#include "cli/scanner/upload.h"

#include <algorithm>
#include <utility>

#include "codec/compression.h"
#include "families/vulnerabilities/results/results.h"

namespace vmsecurity::cli {
namespace {

namespace sbom = families::sbom::results;
namespace vulnerabilities = families::vulnerabilities::results;

// What is a part of the asset has a name; the only volume has none.
std::string location_of(const std::string& volume) {
    return volume.starts_with("partition ") ? volume : std::string();
}

template <typename Write>
base::Result<std::string> pack(Write write) {
    std::string packed;
    codec::ZstdWriter writer([&](std::string_view bytes) {
        packed += bytes;
        return base::Result<void>();
    });
    VMSECURITY_TRY(write([&](std::string_view text) { return writer.write(text); }));
    VMSECURITY_TRY(writer.finish());
    return packed;
}

// Under a name that is not ours, so that it neither closes anything nor keeps anything open.
void add_unsupported(sbom::Head& head, const LocatedScan& scan, std::string_view family) {
    for (const Unsupported& one : scan.unsupported) {
        if (one.family != family) continue;
        head.errors.push_back(one.part + ": " + one.reason);
        head.coverage.push_back({model::CoverageScope::kAnalyzer,
                                 {},
                                 model::CoverageState::kUnsupported,
                                 one.reason,
                                 1,
                                 one.part});
    }
}

}  // namespace

LocatedScan locate(Scanned scanned, std::string observed_on, sbom::InputStatistics statistics) {
    LocatedScan located;
    std::vector<sbom::Volume> volumes;
    for (const scan::ScannedVolume& volume : scanned.outcome.volumes) {
        if (!volume.description.walkable) continue;
        volumes.push_back({location_of(volume.description.name), volume.walked});
        located.read_anything |= volume.walked;
    }
    for (ScannedRoot& root : scanned.roots) {
        located.roots.push_back({location_of(root.volume), std::move(root.sbom)});
        if (root.matches) located.matches.push_back(std::move(*root.matches));
    }
    located.head.observed_on = std::move(observed_on);
    located.head.statistics = {std::move(statistics)};
    located.head.coverage =
        sbom::locate_coverage({}, volumes, scanned.outcome.coverage, located.roots);
    for (const model::CoverageEntry& entry : scanned.outcome.coverage) {
        if (entry.scope == model::CoverageScope::kAnalyzer &&
            entry.state != model::CoverageState::kScanned) {
            located.head.errors.push_back(entry.name + ": " + entry.reason);
        }
    }
    return located;
}

base::Result<std::string> pack_packages(const LocatedScan& scan) {
    sbom::Head head = scan.head;
    add_unsupported(head, scan, "sbom");
    return pack([&](const sbom::Sink& sink) { return sbom::write(scan.roots, head, sink); });
}

base::Result<std::string> pack_vulnerabilities(const LocatedScan& scan) {
    std::vector<vulnerabilities::MatchedRoot> roots;
    for (std::size_t i = 0; i < scan.matches.size(); ++i) {
        roots.push_back({&scan.roots[i], &scan.matches[i]});
    }
    sbom::Head head = scan.head;
    head.coverage = vulnerabilities::locate_coverage(roots, scan.head.coverage);
    add_unsupported(head, scan, "vulnerabilities");
    return pack([&](const sbom::Sink& sink) { return vulnerabilities::write(roots, head, sink); });
}

base::Result<std::string> pack_nothing(std::string_view family, const std::string& observed_on,
                                       model::CoverageState state, const std::string& reason) {
    sbom::Head head;
    head.observed_on = observed_on;
    head.errors = {reason};
    head.coverage = {
        {model::CoverageScope::kAnalyzer, {}, state, reason, 1, std::string(sbom::kScanner)}};
    return pack([&](const sbom::Sink& sink) -> base::Result<void> {
        VMSECURITY_TRY(sink(sbom::write_head(head, family)));
        return sink("]}");
    });
}

}  // namespace vmsecurity::cli
