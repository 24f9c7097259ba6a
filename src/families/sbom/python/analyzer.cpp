#include "families/sbom/python/analyzer.h"

#include <algorithm>

#include "families/sbom/fields.h"
#include "families/sbom/python/distribution.h"
#include "families/sbom/python/metadata.h"
#include "families/sbom/records.h"

namespace vmsecurity::families::sbom::python {
namespace {

// Headers come first, and the description after them may be long.
constexpr std::uint64_t kHeaderBytes = 256 * 1024;
// Only that the file is there counts.
constexpr std::uint64_t kPresence = 1;
constexpr std::string_view kRecordFile = ".dist-info/RECORD";

bool is_version(std::string_view version) {
    return !version.empty() && version.size() <= kMaxIdentifierSize &&
           std::ranges::none_of(
               version, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

bool is_usable_name(std::string_view name) {
    return name.size() <= kMaxIdentifierSize && is_project_name(name);
}

// Takes a header's value if it is good, else what the path says; empty if that is no good either.
std::string_view choose(std::string_view header, std::string_view from_path,
                        bool (*good)(std::string_view), std::string_view what, Problems& problems) {
    if (good(header)) return header;
    const bool fallback = good(from_path);
    problems.add(std::string(header.empty() ? "no " : "no valid ") + std::string(what) +
                 " in the metadata; " +
                 (fallback ? "taken from the name of its directory or file"
                           : "the distribution is left out"));
    return fallback ? from_path : std::string_view();
}

class PythonAnalyzer : public scan::Analyzer {
  public:
    std::string_view id() const override { return "sbom/python"; }

    std::vector<scan::Want> wants() const override {
        return {{"**/*.dist-info/METADATA", kHeaderBytes},
                {"**/*.dist-info/RECORD", kPresence},
                {"**/*.egg-info/PKG-INFO", kHeaderBytes},
                {"**/*.egg-info", kHeaderBytes},
                {"**/*.egg/EGG-INFO/PKG-INFO", kHeaderBytes}};
    }

    base::Result<void> analyze(const scan::File& file, scan::Sink& sink) const override {
        const PathFacts facts = facts_of_path(file.path);
        if (facts.leftover) return {};
        if (file.path.ends_with(kRecordFile)) {
            emit_undescribed(file, facts, sink);
            return {};
        }
        Problems problems(sink);
        const Metadata metadata = parse_metadata(base::as_text(file.content));
        model::Package package;
        package.type = "pypi";
        package.name = choose(metadata.name, facts.name, is_usable_name, "Name", problems);
        package.version = choose(metadata.version, facts.version, is_version, "Version", problems);
        if (package.name.empty() || package.version.empty()) return {};
        package.version = printable(package.version, kMaxIdentifierSize);
        package.description = printable(metadata.summary.substr(0, metadata.summary.find('\n')));
        package.maintainer = printable(metadata.author.substr(0, metadata.author.find('\n')));
        package.licenses = licenses(metadata);
        package.location = location_of(file.path);
        sink.emit(kPackageRecord, encode(package));
        return {};
    }

  private:
    // pip lists a directory whose METADATA is gone by the directory's name, and so do we.
    static void emit_undescribed(const scan::File& file, const PathFacts& facts, scan::Sink& sink) {
        if (!is_usable_name(facts.name) || !is_version(facts.version)) return;
        model::Package package;
        package.type = "pypi";
        package.name = facts.name;
        package.version = printable(facts.version, kMaxIdentifierSize);
        package.location = location_of(file.path);
        sink.emit(kUndescribedPackageRecord, encode(package));
    }
};

}  // namespace

std::unique_ptr<scan::Analyzer> make_analyzer() {
    return std::make_unique<PythonAnalyzer>();
}

}  // namespace vmsecurity::families::sbom::python
