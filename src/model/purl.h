#pragma once

#include <string>

#include "model/package.h"

namespace vmsecurity::model {

// The package URL (purl-spec, PURL-SPECIFICATION and the type definitions "deb" and "pypi"):
//   pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12
//   pkg:pypi/requests@2.31.0
// `os` gives the namespace and the distro qualifier of distribution packages.
std::string package_url(const Package& package, const OperatingSystem& os);

}  // namespace vmsecurity::model
