#include "model/purl.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace vmsecurity::model {
namespace {

// purl-spec, "Character encoding": everything but letters, digits, "-._~" and the colon.
std::string percent_encode(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    static constexpr std::string_view kPlain = "-._~:";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (alphanumeric || kPlain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
    }
    return out;
}

std::string distribution_release(const OperatingSystem& os) {
    const std::string& release = os.version_id.empty() ? os.codename : os.version_id;
    return os.id.empty() || release.empty() ? "" : os.id + "-" + release;
}

// Without os-release the vendor is unknown, and the namespace is left out rather than guessed.
std::string deb_url(const Package& package, const OperatingSystem& os) {
    std::string url = "pkg:deb/";
    if (!os.id.empty()) url += percent_encode(base::to_lower(os.id)) + "/";
    url += percent_encode(base::to_lower(package.name));
    url += "@" + percent_encode(package.version);

    char separator = '?';  // qualifiers go in the order of their keys
    const auto qualifier = [&](std::string_view key, const std::string& value) {
        if (value.empty()) return;
        url += separator;
        url += key;
        url += "=" + percent_encode(value);
        separator = '&';
    };
    qualifier("arch", package.architecture);
    qualifier("distro", distribution_release(os));
    return url;
}

std::string pypi_url(const Package& package) {
    std::string name = base::to_lower(package.name);
    std::ranges::replace(name, '_', '-');
    return "pkg:pypi/" + percent_encode(name) + "@" + percent_encode(package.version);
}

}  // namespace

std::string package_url(const Package& package, const OperatingSystem& os) {
    if (package.type == "deb") return deb_url(package, os);
    if (package.type == "pypi") return pypi_url(package);
    return "pkg:" + base::to_lower(package.type) + "/" + percent_encode(package.name) + "@" +
           percent_encode(package.version);
}

}  // namespace vmsecurity::model
