#include "filesystem/mutation/mutator.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"

namespace vmsecurity::filesystem::mutation {

using base::ByteSpan;
using base::load_le;

namespace {

// The numbers at which parsers go wrong.
constexpr std::array<std::uint32_t, 16> kEdges{
    0,      1,       2,          11,         12,         0x7FFF,     0x8000, 0x8001,
    0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 0xF30A, 0x00010000 - 4};

std::uint64_t below(std::mt19937_64& random, std::uint64_t limit) {
    return random() % limit;
}

}  // namespace

Mutator::Mutator(std::vector<std::byte> image) : image_(std::move(image)) {
    find_targets();
}

void Mutator::find_targets() {
    const ByteSpan image(image_);
    const ByteSpan super = image.subspan(1024, 1024);
    const std::uint64_t block = std::uint64_t{1024} << load_le<std::uint32_t>(super, 24);
    const std::uint64_t descriptors = (load_le<std::uint32_t>(super, 20) + 1) * block;
    const std::uint64_t table =
        load_le<std::uint32_t>(image, static_cast<std::size_t>(descriptors) + 8) * block;
    const std::uint64_t inode_size = load_le<std::uint16_t>(super, 88);
    // Only inodes that small trees use: damage to unused ones goes unseen.
    const std::uint64_t inodes = std::min<std::uint64_t>(load_le<std::uint32_t>(super, 40), 160);
    targets_.push_back({{1024, 1024}});
    targets_.push_back({{descriptors, 64}});
    targets_.push_back({{table, inodes * inode_size}});

    std::vector<disk::ByteRange> directories;
    std::vector<disk::ByteRange> nodes;
    for (std::uint64_t at = 0; at + block <= image.size(); at += block) {
        const ByteSpan bytes = image.subspan(static_cast<std::size_t>(at), 16);
        const bool dot = load_le<std::uint16_t>(bytes, 4) == 12 &&
                         load_le<std::uint8_t>(bytes, 6) == 1 && bytes[8] == std::byte{'.'};
        if (dot) directories.push_back({at, block});
        if (load_le<std::uint16_t>(bytes, 0) == 0xF30A) nodes.push_back({at, block});
    }
    if (!directories.empty()) targets_.push_back(directories);
    if (!nodes.empty()) targets_.push_back(nodes);
    targets_.push_back({{0, image.size()}});
}

void Mutator::change(std::vector<std::byte>& image, std::mt19937_64& random) const {
    const auto& kind = targets_[below(random, targets_.size())];
    const disk::ByteRange range = kind[below(random, kind.size())];
    const std::uint64_t at = range.offset + below(random, range.length);
    if (at + 64 > image.size()) return;
    std::byte* const place = image.data() + at;
    switch (below(random, 6)) {
        case 0:
            *place = static_cast<std::byte>(random());
            break;
        case 1:
            *place ^= static_cast<std::byte>(1U << below(random, 8));
            break;
        case 2: {
            const auto edge = static_cast<std::uint16_t>(kEdges[below(random, kEdges.size())]);
            std::memcpy(image.data() + (at & ~std::uint64_t{1}), &edge, sizeof(edge));
            break;
        }
        case 3: {
            const std::uint32_t edge = kEdges[below(random, kEdges.size())];
            std::memcpy(image.data() + (at & ~std::uint64_t{3}), &edge, sizeof(edge));
            break;
        }
        case 4: {
            // A small number: a block, an inode, a length that exists.
            const auto number = static_cast<std::uint32_t>(below(random, 4200));
            std::memcpy(image.data() + (at & ~std::uint64_t{3}), &number, sizeof(number));
            break;
        }
        default: {
            // A piece of other metadata: an inode, a record, a node in a wrong place.
            const auto& other_kind = targets_[below(random, targets_.size())];
            const disk::ByteRange other = other_kind[below(random, other_kind.size())];
            const std::uint64_t from = other.offset + (below(random, other.length) & ~31ULL);
            if (from + 64 <= image.size()) {
                std::memmove(image.data() + (at & ~std::uint64_t{31}), image.data() + from, 64);
            }
        }
    }
}

std::vector<std::byte> Mutator::mutate(std::uint64_t seed) const {
    std::mt19937_64 random(seed);
    std::vector<std::byte> image = image_;
    const std::uint64_t changes = 1 + below(random, std::uint64_t{1} << below(random, 7));
    for (std::uint64_t i = 0; i < changes; ++i) change(image, random);
    return image;
}

}  // namespace vmsecurity::filesystem::mutation
