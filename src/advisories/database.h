#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "advisories/advisory.h"
#include "base/result.h"

namespace vmsecurity::advisories {

struct SourceInfo {
    std::string name;       // "OSV PyPI", "Debian OVAL 12", or as given by --name
    std::string format;     // "osv", "debian-oval"
    std::string location;   // path or URL it was read from
    std::string retrieved;  // RFC 3339, when it was read
    std::string newest;     // RFC 3339, the newest `modified` or the feed's own timestamp
    std::uint64_t records = 0;
    std::uint64_t withdrawn = 0;  // left out because the feed withdrew them
    std::uint64_t skipped = 0;    // left out because they name no package, or only commits
    std::uint64_t rejected = 0;   // left out, in whole or in part, because they could not be read
    bool demo = false;            // demonstration data; shown wherever results appear
};

struct EcosystemInfo {
    std::string name;
    std::uint64_t packages = 0;
    std::uint64_t advisories = 0;
};

struct DatabaseInfo {
    std::string created;  // RFC 3339
    std::string tool;     // "vmsecurity 0.1.0"
    std::vector<SourceInfo> sources;
    std::vector<EcosystemInfo> ecosystems;
    std::uint64_t advisories = 0;
    std::uint64_t file_size = 0;
};

// An advisory as it concerns one package.
struct PackageAdvisory {
    Advisory advisory;         // `affected` is empty here
    AffectedPackage affected;  // the entry for the package looked up
    std::size_t source = 0;    // index into DatabaseInfo::sources
};

// The advisory file, mapped and used where it lies (docs/design/advisory-file.md). Every offset in
// it is checked as it is followed: a damaged file gives errors, not crashes. Thread-safe.
class Database {
  public:
    static base::Result<Database> open(const std::string& path);

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    const DatabaseInfo& info() const;
    bool has_ecosystem(std::string_view ecosystem) const;

    // All advisories for one package of one ecosystem, ordered by id. With `wanted` only those for
    // whose entry it answers true; the rest is then not decoded, which is most of the work. Nothing
    // where the file does not know the package.
    using Wanted = std::function<bool(const AffectedPackage&)>;
    base::Result<std::vector<PackageAdvisory>> find(std::string_view ecosystem,
                                                    std::string_view package,
                                                    const Wanted& wanted = {}) const;

    // Reads everything and compares the checksum (`vmsecurity advisories verify`).
    base::Result<void> verify() const;

  private:
    struct State;
    explicit Database(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace vmsecurity::advisories
