#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "disk/block_source.h"

namespace vmsecurity::disk {

// One of the two copies of a GPT: its header and its array of entries, checksums verified.
struct GptCopy {
    std::uint32_t sector_size = 512;
    std::uint32_t entry_size = 128;
    std::vector<std::byte> entries;  // a whole number of them
};

// What a place on the disk holds.
struct GptAttempt {
    bool has_signature = false;   // "EFI PART" is there
    std::uint64_t alternate = 0;  // sector of the other copy as this one says, damaged or not
    std::optional<GptCopy> copy;  // if all of it is in order
    std::string damage;           // otherwise: what is not
};

// Fails only if the disk cannot be read.
base::Result<GptAttempt> read_gpt_copy(const BlockSource& disk, std::uint32_t sector_size,
                                       std::uint64_t sector);

}  // namespace vmsecurity::disk
