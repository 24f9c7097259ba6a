#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "disk/block_source.h"

namespace vmsecurity::filesystem::mutation {

// Damages copies of one ext image where it hurts: superblock, group descriptors, inode table,
// directory blocks, nodes of extent trees. Checksums are left as they were.
class Mutator {
  public:
    explicit Mutator(std::vector<std::byte> image);

    // The image with between one and some dozens of changes, which `seed` determines.
    std::vector<std::byte> mutate(std::uint64_t seed) const;

  private:
    void find_targets();
    void change(std::vector<std::byte>& image, std::mt19937_64& random) const;

    std::vector<std::byte> image_;
    // Places that matter, by kind, so that the few bytes of a superblock are hit as often as the
    // many of an inode table.
    std::vector<std::vector<disk::ByteRange>> targets_;
};

}  // namespace vmsecurity::filesystem::mutation
