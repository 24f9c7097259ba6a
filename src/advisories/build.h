#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "advisories/database.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// One feed to read. The format is told by content: OSV (a JSON record, a directory of them, a zip
// as osv.dev serves them, NDJSON; YAML records too) or Debian OVAL (XML); packed by zip, tar,
// bzip2, gzip, xz or zstd or not at all.
struct Feed {
    std::string location;  // a path, or an http(s) URL
    std::string name;      // empty: made from the content
    bool demo = false;
};

struct BuildOptions {
    std::vector<Feed> feeds;
    std::string output;  // written beside as a temporary file and renamed when complete
    // When the build happened, RFC 3339; empty: SOURCE_DATE_EPOCH where that is set, else now. With
    // the same time the same feeds give the same bytes.
    std::string created;
    std::function<void(const Feed&, std::uint64_t records)> progress;
};

// A feed that cannot be read at all fails the build and leaves the old file in place; single bad
// records are counted and the first few named in the log.
base::Result<DatabaseInfo> build_database(const BuildOptions& options);

// The keys to look a distribution up by, best first; the first one that the file has is the one to
// use: debian 12 -> {"Debian:12", "Debian"}, ubuntu 22.04 -> {"Ubuntu:22.04:LTS", "Ubuntu:22.04"}.
// Empty: not a distribution that advisories cover.
std::vector<std::string> distribution_ecosystems(std::string_view os_id,
                                                 std::string_view version_id);

}  // namespace vmsecurity::advisories
