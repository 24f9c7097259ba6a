#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

#include "disk/partition_table.h"
#include "disk/test_support.h"

namespace vmsecurity::disk::test {

inline void put_le(std::string& disk, std::size_t offset, std::uint64_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
        disk[offset + i] = static_cast<char>(value >> (8 * i));
    }
}

inline std::uint64_t get_le64(const std::string& disk, std::size_t offset) {
    return base::load_le<std::uint64_t>(base::as_bytes(disk), offset);
}

// A disk of `size` bytes with the table that sfdisk makes of `script`.
inline std::string make_table(const TemporaryDirectory& directory, std::size_t size,
                              const std::string& script) {
    directory.write("script", script);
    directory.run(
        fmt::format("rm -f disk && truncate -s {} disk && "
                    "/usr/sbin/sfdisk --no-reread --no-tell-kernel disk < script",
                    size));
    return directory.read("disk");
}

// Puts the checksums of the GPT header at `header` right again after a change of it or its entries.
inline void reseal_gpt(std::string& disk, std::size_t header) {
    const auto crc = [&](std::size_t offset, std::size_t length) {
        return ::crc32(0, reinterpret_cast<const Bytef*>(disk.data() + offset),
                       static_cast<uInt>(length));
    };
    const std::size_t entries = get_le64(disk, header + 72) * 512;
    if (entries < disk.size() && disk.size() - entries >= 128 * 128)
        put_le(disk, header + 88, crc(entries, 128 * 128), 4);
    put_le(disk, header + 16, 0, 4);
    put_le(disk, header + 16, crc(header, 92), 4);
}

inline PartitionTable read_table(std::string disk) {
    auto table = read_partition_table(MemorySource(std::move(disk)));
    EXPECT_TRUE(table) << table.error().describe();
    return table ? std::move(*table) : PartitionTable{};
}

inline std::string problems(const PartitionTable& table) {
    std::string text;
    for (const auto& problem : table.problems) {
        text += fmt::format("{}: {}\n", problem.number, problem.reason);
    }
    return text;
}

inline std::vector<unsigned> numbers(const PartitionTable& table) {
    std::vector<unsigned> found;
    for (const Partition& partition : table.partitions) found.push_back(partition.number);
    return found;
}

}  // namespace vmsecurity::disk::test
