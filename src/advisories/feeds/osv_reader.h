#pragma once

#include <string>
#include <string_view>

#include "advisories/feeds/feed.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// OSV records (ossf.github.io/osv-schema, 1.0 to 1.7): one, a JSON array of them, or one a line
// (NDJSON). A record that cannot be read is rejected in the report and the rest is read; a
// withdrawn one is left out; one whose packages all have only GIT ranges is skipped, since commits
// are nothing that a package database knows. `where` names the text in messages.
base::Result<void> read_osv_json(std::string_view text, const std::string& where,
                                 FeedReport& report);

// One record as YAML, the form in which some databases keep theirs.
base::Result<void> read_osv_yaml(std::string_view text, const std::string& where,
                                 FeedReport& report);

}  // namespace vmsecurity::advisories
