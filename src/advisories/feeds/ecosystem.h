#pragma once

#include <string>
#include <string_view>

namespace vmsecurity::advisories {

// An ecosystem as the OSV schema spells it ("Defined ecosystems"), where only upper and lower case
// differ: "pypi" -> "PyPI", "debian:12" -> "Debian:12". Lookups go by that spelling. Others, and
// what follows a colon, stay as they are.
std::string known_spelling(std::string_view ecosystem);

}  // namespace vmsecurity::advisories
