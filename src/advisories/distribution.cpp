#include "advisories/distribution.h"

#include <fmt/format.h>

#include "base/text.h"

namespace vmsecurity::advisories {

// Spellings: OSV schema, "Defined ecosystems" (Debian by the number of the release, Ubuntu with
// ":LTS" for long-term releases, which are those of April in even years).
std::vector<std::string> distribution_ecosystems(std::string_view os_id,
                                                 std::string_view version_id) {
    if (os_id == "debian") {
        const std::string_view release = version_id.substr(0, version_id.find('.'));
        // Testing and unstable have no number.
        if (!base::parse_unsigned(release)) return {"Debian"};
        return {fmt::format("Debian:{}", release), "Debian"};
    }
    if (os_id == "ubuntu" && !version_id.empty()) {
        const std::string plain = fmt::format("Ubuntu:{}", version_id);
        const auto year = base::parse_unsigned(version_id.substr(0, version_id.find('.')));
        if (year && *year % 2 == 0 && version_id.ends_with(".04")) {
            return {plain + ":LTS", plain};
        }
        return {plain};
    }
    return {};
}

}  // namespace vmsecurity::advisories
