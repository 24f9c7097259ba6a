#pragma once

#include <string>
#include <string_view>

#include "advisories/feeds/feed.h"
#include "base/result.h"

namespace vmsecurity::advisories {

// Debian's OVAL definitions (OVAL 5.11, one file a release), of both classes: "vulnerability", one
// CVE in one source package, named by the CVE; and "patch", a DSA or DLA, named by its title, with
// its CVEs as related. A definition's criteria are followed to their tests, objects and states:
// what is not an order of one source package's version in one release is skipped and counted.
// An Error means that the text is no OVAL document.
base::Result<void> read_debian_oval(std::string_view text, const std::string& where,
                                    FeedReport& report);

}  // namespace vmsecurity::advisories
