#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "filesystem/open.h"
#include "filesystem/testing/bounded_walk.h"
#include "filesystem/testing/file_source.h"

// The input is the beginning of an image; zeros follow, so that a small input can be a file system
// of some size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vmsecurity::filesystem;
    constexpr std::size_t kLimit = 256 * 1024;
    const auto* begin = reinterpret_cast<const std::byte*>(data);
    std::vector<std::byte> image(begin, begin + std::min(size, kLimit));
    const auto opened = open_ext(std::make_shared<testing::MemorySource>(std::move(image), kLimit));
    if (!opened) return 0;
    testing::walk_bounded(**opened,
                          {.entries = 5'000, .bytes_per_file = 65'536, .total_bytes = 4 << 20});
    return 0;
}
