#include "families/sbom/results/coverage.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "families/sbom/results/location.h"

namespace vmsecurity::families::sbom::results {
namespace {

using model::CoverageEntry;
using model::CoverageScope;
using model::CoverageState;

bool is_bad(CoverageState state) {
    return state != CoverageState::kScanned && state != CoverageState::kSkipped;
}

// "partition 2" of "partition 2 (ext4)"; empty for what is the whole target.
std::string volume_of(std::string_view name) {
    constexpr std::string_view kPartition = "partition ";
    if (!name.starts_with(kPartition)) return {};
    const std::size_t end = name.find_first_not_of("0123456789", kPartition.size());
    return end == kPartition.size() ? std::string() : std::string(name.substr(0, end));
}

bool is_of_volumes(CoverageScope scope) {
    return scope == CoverageScope::kDisk || scope == CoverageScope::kPartition ||
           scope == CoverageScope::kFileSystem;
}

class Locator {
  public:
    Locator(std::string_view within, std::span<const Volume> volumes)
        : within_(within), volumes_(volumes) {}

    void add_of_target(const CoverageEntry& entry) {
        if (is_of_volumes(entry.scope)) {
            add_of_volume(entry);
        } else if (entry.scope == CoverageScope::kFile) {
            for (const Volume& volume : volumes_) add(entry, volume.location, entry.name);
        } else if (entry.scope == CoverageScope::kAnalyzer &&
                   entry.name.find('/') == std::string::npos && is_bad(entry.state)) {
            // Records were lost, nobody knows which. What an analyzer could not read is said of
            // the files themselves.
            distrusted_.emplace_back(within_, entry.reason);
        }
    }

    void add_of_root(const Root& root, const CoverageEntry& entry) {
        if (entry.scope == CoverageScope::kAnalyzer) {
            if (is_bad(entry.state)) distrusted_.emplace_back(root.location, entry.reason);
            return;
        }
        CoverageEntry added = entry;
        // A database of many files is read to its end only by a walk that ended.
        if (added.state == CoverageState::kScanned && !was_walked(root.location)) {
            added.state = CoverageState::kTruncated;
            added.reason = "the walk ended early";
        }
        add(added, root.location, entry.name);
    }

    std::vector<LocatedCoverage> take() {
        for (const auto& [location, reason] : distrusted_) distrust(located_, location, reason);
        return std::move(located_);
    }

  private:
    void add_of_volume(CoverageEntry entry) {
        // Swap, boot code and nothing but zeros hold no findings, and that was seen.
        if (entry.state == CoverageState::kSkipped) entry.state = CoverageState::kScanned;
        add(entry, join_location(within_, volume_of(entry.name)), {});
    }

    void add(const CoverageEntry& entry, std::string_view outer, std::string_view inner) {
        located_.push_back({entry.scope, bounded_location(join_location(outer, inner)), entry.state,
                            entry.reason, entry.count, std::string(kScanner)});
    }

    bool was_walked(std::string_view location) const {
        const auto volume = std::ranges::find(volumes_, location, &Volume::location);
        return volume != volumes_.end() && volume->walked;
    }

    std::string within_;
    std::span<const Volume> volumes_;
    std::vector<LocatedCoverage> located_;
    std::vector<std::pair<std::string, std::string>> distrusted_;  // location, reason
};

struct ScopeName {
    CoverageScope scope;
    std::string_view name;  // of the API
};
constexpr auto kScopes = std::to_array<ScopeName>({
    {CoverageScope::kDisk, "disk"},
    {CoverageScope::kPartition, "partition"},
    {CoverageScope::kFileSystem, "fileSystem"},
    {CoverageScope::kDatabase, "database"},
    {CoverageScope::kAnalyzer, "analyzer"},
    {CoverageScope::kFile, "file"},
});

constexpr auto kStates = std::to_array({
    CoverageState::kScanned,
    CoverageState::kSkipped,
    CoverageState::kTruncated,
    CoverageState::kUnsupported,
    CoverageState::kFailed,
});

std::optional<LocatedCoverage> read_entry(const boost::json::value& value) {
    const boost::json::object* object = value.if_object();
    if (object == nullptr) return std::nullopt;
    const auto* const scope =
        std::ranges::find(kScopes, codec::text_member(*object, "scope"), &ScopeName::name);
    const auto* const state =
        std::ranges::find(kStates, codec::text_member(*object, "state"),
                          [](CoverageState one) { return model::to_string(one); });
    if (state == kStates.end()) return std::nullopt;
    LocatedCoverage entry;
    entry.scope = scope == kScopes.end() ? CoverageScope::kAnalyzer : scope->scope;
    entry.location = codec::text_member(*object, "location");
    entry.state = *state;
    entry.reason = codec::text_member(*object, "reason");
    entry.scanner = codec::text_member(*object, "scanner");
    if (const auto* count = object->if_contains("count"); count != nullptr) {
        entry.count = count->is_int64() ? static_cast<std::uint64_t>(count->get_int64()) : 1;
    }
    return entry;
}

}  // namespace

std::vector<LocatedCoverage> locate_coverage(std::string_view within,
                                             std::span<const Volume> volumes,
                                             std::span<const CoverageEntry> coverage,
                                             std::span<const Root> roots) {
    Locator locator(within, volumes);
    const bool has_partitions = std::ranges::any_of(coverage, [](const CoverageEntry& entry) {
        return is_of_volumes(entry.scope) && !volume_of(entry.name).empty();
    });
    // That the disk has no other partitions than these was seen as well; what kept it from being
    // seen has an entry of its own.
    if (has_partitions) {
        locator.add_of_target(
            {CoverageScope::kDisk, "disk", CoverageState::kScanned, "partition table", 1});
    }
    for (const CoverageEntry& entry : coverage) locator.add_of_target(entry);
    for (const Root& root : roots) {
        for (const CoverageEntry& entry : root.sbom.coverage) locator.add_of_root(root, entry);
    }
    return locator.take();
}

void distrust(std::vector<LocatedCoverage>& coverage, std::string_view location,
              const std::string& reason) {
    for (LocatedCoverage& entry : coverage) {
        const std::string_view inner = entry.location;
        const bool inside = location.empty() || inner == location ||
                            (inner.starts_with(location) && inner[location.size()] == ',');
        if (!inside || entry.state != CoverageState::kScanned) continue;
        entry.state = CoverageState::kTruncated;
        entry.reason = reason;
    }
    coverage.push_back({CoverageScope::kAnalyzer, std::string(location), CoverageState::kTruncated,
                        reason, 1, std::string(kScanner)});
}

void write_coverage(codec::JsonWriter& json, std::string_view family,
                    std::span<const LocatedCoverage> coverage) {
    json.begin_array();
    for (const LocatedCoverage& entry : coverage) {
        json.begin_object();
        json.member("family", family);
        if (!entry.scanner.empty()) json.member("scanner", entry.scanner);
        json.member("scope", std::ranges::find(kScopes, entry.scope, &ScopeName::scope)->name);
        if (!entry.location.empty()) json.member("location", entry.location);
        json.member("state", model::to_string(entry.state));
        if (!entry.reason.empty()) json.member("reason", entry.reason);
        json.member("count", entry.count);
        json.end_object();
    }
    json.end_array();
}

std::vector<LocatedCoverage> read_coverage(const boost::json::array& entries) {
    std::vector<LocatedCoverage> coverage;
    for (const boost::json::value& value : entries) {
        if (auto entry = read_entry(value)) coverage.push_back(std::move(*entry));
    }
    return coverage;
}

}  // namespace vmsecurity::families::sbom::results
