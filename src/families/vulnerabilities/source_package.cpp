#include "families/vulnerabilities/source_package.h"

#include <array>
#include <optional>
#include <string_view>

namespace vmsecurity::families::vulnerabilities {
namespace {

// A signed kernel is repacked by a source package of its own, which advisories never name: on
// Debian linux-signed-amd64 6.1.119+1 carries what linux 6.1.119-1 built, linux-signed-5.10-arm64
// what linux-5.10 built; on Ubuntu linux-signed-hwe-5.15 what linux-hwe-5.15 built. The binary
// packages have the version of that source ("6.1.119-1").
//
// Other signed packages keep their own names: their binary packages are versioned like the template
// (grub-efi-amd64-signed "1+2.06+13+deb12u1" of grub2 2.06-13+deb12u1; fwupd-amd64-signed
// "1:1.4+1"), and which '+' was the '-' cannot be told where the upstream version has one. What
// they are signed copies of is found through the unsigned packages that they depend on
// (grub-common).
constexpr std::string_view kSigned = "linux-signed";
constexpr std::array<std::string_view, 3> kDebianArchitectures = {"amd64", "arm64", "i386"};

// "" or "-5.10": what distinguishes the kernel; nothing where it is no signed kernel's source.
std::optional<std::string_view> kernel_flavour(std::string_view source, std::string_view os_id) {
    if (!source.starts_with(kSigned)) return std::nullopt;
    std::string_view rest = source.substr(kSigned.size());
    if (!rest.empty() && rest.front() != '-') return std::nullopt;
    if (os_id == "ubuntu") return rest;
    if (os_id != "debian") return std::nullopt;
    for (const std::string_view architecture : kDebianArchitectures) {
        if (!rest.ends_with(architecture)) continue;
        rest.remove_suffix(architecture.size());
        if (!rest.ends_with('-')) return std::nullopt;
        return rest.substr(0, rest.size() - 1);
    }
    return std::nullopt;
}

}  // namespace

SourcePackage advised_source(const model::Package& package, const model::OperatingSystem& os) {
    const std::string& name = package.source_name.empty() ? package.name : package.source_name;
    if (const auto flavour = kernel_flavour(name, os.id)) {
        return {std::string("linux").append(*flavour), package.version};
    }
    return {name, package.source_version.empty() ? package.version : package.source_version};
}

}  // namespace vmsecurity::families::vulnerabilities
