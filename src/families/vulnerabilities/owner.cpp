#include "families/vulnerabilities/owner.h"

#include <fmt/format.h>

#include <string_view>

#include "base/text.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

// Where files of a distribution's package may carry Python metadata.
bool is_place_of_distribution(std::string_view file) {
    return file.starts_with("/usr/") && !file.starts_with("/usr/local/");
}

// "Debian Python Team <team+python@tracker.debian.org>" -> "tracker.debian.org"
std::string mail_domain(std::string_view maintainer) {
    const std::size_t at = maintainer.rfind('@');
    if (at == std::string_view::npos) return {};
    const std::string_view domain = maintainer.substr(at + 1);
    return base::to_lower(base::trim(domain.substr(0, domain.find('>'))));
}

bool is_maintained_by_distribution(std::string_view maintainer, std::string_view os_id) {
    const std::string domain = mail_domain(maintainer);
    const auto within = [&](std::string_view parent) {
        return domain == parent || domain.ends_with("." + std::string(parent));
    };
    // Ubuntu takes most packages over from Debian as they are, maintainer included.
    return within("debian.org") || (os_id == "ubuntu" && within("ubuntu.com"));
}

}  // namespace

std::string doubt_of_distribution(const model::Package& owner, const std::string& file,
                                  const Lookup& lookup, bool known,
                                  const model::OperatingSystem& os) {
    if (!is_place_of_distribution(file)) return "a distribution's packages install nothing there";
    if (known || is_maintained_by_distribution(owner.maintainer, os.id)) return {};
    return fmt::format(
        "no {} advisory is about its source {}, and its maintainer has no address of the "
        "distribution",
        lookup.ecosystems.front(), lookup.name);
}

}  // namespace vmsecurity::families::vulnerabilities
