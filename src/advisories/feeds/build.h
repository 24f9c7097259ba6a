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

}  // namespace vmsecurity::advisories
