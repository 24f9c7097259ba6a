#pragma once

#include <optional>
#include <string>
#include <vector>

namespace vmsecurity::model {

// One installed package, as its own database or metadata describes it. Text is UTF-8: what was not
// is escaped (base::escape_bytes) before it gets here.
struct Package {
    std::string type;          // purl type: "deb", "pypi"
    std::string name;          // as recorded (PyPI: as in METADATA, not normalised)
    std::string version;       // as recorded
    std::string architecture;  // empty if it has none

    std::string source_name;     // deb: source package; else empty
    std::string source_version;  // deb: version of the source package

    std::string description;  // one line
    std::string maintainer;
    std::vector<std::string> licenses;
    std::string
        location;  // the file that is the evidence, with a leading '/'; e.g. "/var/lib/dpkg/status"

    // The distribution's package that owns `location` ("python3-requests 2.28.1+dfsg-1"), if one
    // does. Whose advisories judge it then: families/vulnerabilities/owner.h.
    struct Owner {
        std::string name;
        std::string version;
        bool operator==(const Owner&) const = default;
    };
    std::optional<Owner> owner;

    // A package database that this build does not read and that may list a package which owns
    // `location` ("/srv/chroot/var/lib/dpkg/status": of another root inside this one); empty: none.
    // Where it is set, that `owner` is absent does not say that nobody owns the package.
    std::string unread_database;

    bool operator==(const Package&) const = default;
};

// os-release(5) of the root.
struct OperatingSystem {
    std::string id;  // "debian"
    std::vector<std::string> id_like;
    std::string version_id;  // "12"; empty for testing and unstable
    std::string codename;    // "bookworm"
    std::string name;        // "Debian GNU/Linux"
    std::string pretty_name;
    std::string location;  // "/etc/os-release"
    bool operator==(const OperatingSystem&) const = default;
};

}  // namespace vmsecurity::model
