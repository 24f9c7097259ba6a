#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "disk/block_source.h"
#include "disk/disk_image.h"
#include "disk/range_check.h"

namespace vmsecurity::disk::test {

// A directory that goes away with the test.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = "/tmp/vmsecurity-disk-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        path_ = name;
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
    const std::string& path() const { return path_; }

    // Runs a shell command here; its output is shown if it fails.
    void run(const std::string& command) const {
        const int status =  // NOLINTNEXTLINE(cert-env33-c)
            std::system(("cd '" + path_ + "' && { " + command + "; } >.log 2>&1").c_str());
        ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command << "\n"
                                                                   << read(".log");
    }

    std::string read(std::string_view name) const {
        std::ifstream file(*this / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    void write(std::string_view name, std::string_view content) const {
        std::ofstream(*this / name, std::ios::binary)
            .write(content.data(), static_cast<std::streamsize>(content.size()));
    }

  private:
    std::string path_;
};

// Opens siblings in one directory, as the supervisor does.
class DirectoryOpener final : public SiblingOpener {
  public:
    explicit DirectoryOpener(const std::string& path)
        : directory_(base::open_file(path, O_RDONLY | O_DIRECTORY).value()) {}
    base::Result<base::FileDescriptor> open_sibling(std::string_view name) override {
        return open_beneath(directory_.get(), name);
    }

  private:
    base::FileDescriptor directory_;
};

inline base::Result<DiskImage> open_image(const TemporaryDirectory& directory,
                                          const std::string& name) {
    DirectoryOpener opener(directory.path());
    return open_disk_image(base::open_file(directory / name, O_RDONLY).value(), name, opener);
}

// A disk in memory, which counts what is asked of it.
class MemorySource final : public BlockSource {
  public:
    explicit MemorySource(std::string content) : content_(std::move(content)) {}
    std::uint64_t size() const override { return content_.size(); }
    base::Result<void> read(std::uint64_t offset, base::MutableByteSpan out) const override {
        VMSECURITY_TRY(check_range(*this, offset, out.size()));
        std::ranges::copy(base::as_bytes(content_).subspan(offset, out.size()), out.begin());
        return {};
    }

  private:
    std::string content_;
};

inline std::string read_text(const BlockSource& source, std::uint64_t offset, std::size_t length) {
    std::string text(length, '?');
    const auto done = source.read(offset, std::as_writable_bytes(std::span(text)));
    return done ? text : "error: " + done.error().describe();
}

// The content of a disk: runs of zeros, of noise and of text that compresses, with no alignment.
inline std::string sample_disk(std::size_t size, unsigned seed) {
    std::mt19937_64 random(seed);
    std::string disk;
    disk.reserve(size);
    while (disk.size() < size) {
        const std::size_t length = std::min<std::size_t>(random() % 200'000, size - disk.size());
        const auto kind = random() % 3;
        for (std::size_t i = 0; i < length; ++i) {
            constexpr std::string_view kText = "the quick brown fox ";
            const char filled = kind == 0 ? '\0' : kText[i % kText.size()];
            disk += kind == 1 ? static_cast<char>(random()) : filled;
        }
    }
    return disk;
}

}  // namespace vmsecurity::disk::test
