#pragma once

#include <compare>
#include <string_view>

namespace vmsecurity::families::vulnerabilities {

// How the versions of an ecosystem order, and how its constraints read them.
class VersionOrder {
  public:
    virtual ~VersionOrder() = default;
    virtual std::string_view name() const = 0;  // "dpkg", "PEP 440"
    virtual std::weak_ordering compare(std::string_view a, std::string_view b) const = 0;
    // False for text that is no version of the ecosystem; where it orders would be a guess.
    virtual bool knows(std::string_view version) const = 0;

    // Order of an installed version against a version that a constraint names with <= or ==.
    // PEP 440, "Version specifiers": a constraint without a local part ignores that of the
    // installed version, so 2.0.1+cu118 is covered by "<= 2.0.1".
    virtual std::weak_ordering compare_inclusive(std::string_view installed,
                                                 std::string_view constraint) const {
        return compare(installed, constraint);
    }
    // True if "fixed in this version" means that the package was never affected.
    virtual bool is_never_affected(std::string_view fixed) const = 0;
};

const VersionOrder& dpkg_order();
const VersionOrder& pep440_order();

}  // namespace vmsecurity::families::vulnerabilities
