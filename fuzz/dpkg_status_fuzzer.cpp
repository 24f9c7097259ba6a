#include <array>
#include <cstddef>
#include <cstdint>

#include "families/sbom/dpkg/analyzer.h"
#include "families/sbom/testing/fuzz.h"

// The first byte chooses which of the analyzer's files the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vmsecurity::families::sbom;
    static constexpr auto kPaths = std::to_array<std::string_view>({
        "var/lib/dpkg/status",
        "var/lib/dpkg/status.d/x",
        "var/lib/dpkg/updates/0001",
        "var/lib/dpkg/status.d/x.md5sums",
        "var/lib/dpkg/info/x:amd64.list",
    });
    static const auto analyzer = dpkg::make_analyzer();
    if (size == 0) return 0;
    const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
    testing::fuzz_analyzer(*analyzer, kPaths[data[0] % kPaths.size()], content);
    return 0;
}
