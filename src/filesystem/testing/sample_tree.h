#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "filesystem/file_system.h"

namespace vmsecurity::filesystem::testing {

// Makes the tree that all file systems are held to: files empty, small, sparse and in thousands of
// pieces; deep and large directories; links of every kind; names of odd bytes; special files. Its
// makers need no privilege, but device nodes appear only where it is there. False on failure.
bool make_sample_tree(const std::string& root);

// A tree as the operating system shows it, for comparison: found by other means than ours.
struct Expected {
    FileStatus status;
    std::string target;  // of a symbolic link
};
std::map<std::string, Expected> describe_tree(const std::string& root);

// Bytes [offset, offset + length) of a file, short at its end.
std::string read_range(const std::string& path, std::uint64_t offset, std::size_t length);

}  // namespace vmsecurity::filesystem::testing
