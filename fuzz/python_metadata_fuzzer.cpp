#include <array>
#include <cstddef>
#include <cstdint>

#include "families/sbom/python/analyzer.h"
#include "families/sbom/testing/fuzz.h"

// The first byte chooses which of the analyzer's files the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vmsecurity::families::sbom;
    static constexpr auto kPaths = std::to_array<std::string_view>({
        "a/x-1.0.dist-info/METADATA",
        "a/x.egg-info/PKG-INFO",
        "a/x-1.0-py3.11.egg-info",
        "a/noname.dist-info/METADATA",
    });
    static const auto analyzer = python::make_analyzer();
    if (size == 0) return 0;
    const std::string_view content(reinterpret_cast<const char*>(data) + 1, size - 1);
    testing::fuzz_analyzer(*analyzer, kPaths[data[0] % kPaths.size()], content);
    return 0;
}
