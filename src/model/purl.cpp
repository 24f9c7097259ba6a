#include "model/purl.h"

namespace vmsecurity::model {

std::string package_url(const Package& package, const OperatingSystem&) {
    return "pkg:" + package.type + "/" + package.name + "@" + package.version;
}

}  // namespace vmsecurity::model
