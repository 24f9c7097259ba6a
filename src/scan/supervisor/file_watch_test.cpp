#include "scan/supervisor/file_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace vmsecurity::scan {
namespace {

class FileWatchTest : public testing::Test {
  protected:
    FileWatchTest() : file_(::mkstemp(path_.data())) {
        // As old as images are: a clock that ticks slowly shows no change within one tick.
        const std::array<timespec, 2> old = {{{1000, 0}, {1000, 0}}};
        ::futimens(file_.get(), old.data());
    }
    ~FileWatchTest() override { ::unlink(path_.c_str()); }

    std::string path_ = testing::TempDir() + "file-watch-XXXXXX";
    base::FileDescriptor file_;
    FileWatch watch_;
};

TEST_F(FileWatchTest, WhatIsOnlyReadIsUnchanged) {
    ASSERT_TRUE(watch_.add(file_.get(), "image"));
    char byte = 0;
    EXPECT_EQ(::read(file_.get(), &byte, 1), 0);
    EXPECT_TRUE(watch_.check());
}

TEST_F(FileWatchTest, AWriteIsSeen) {
    ASSERT_TRUE(watch_.add(file_.get(), "image"));
    ASSERT_EQ(::write(file_.get(), "x", 1), 1);
    const auto checked = watch_.check();
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().message, "image changed while it was being scanned");
}

TEST_F(FileWatchTest, AFileInItsPlaceIsSeen) {
    ASSERT_TRUE(watch_.add(file_.get(), "image"));
    const std::string other = path_ + ".new";
    ASSERT_TRUE(base::open_file(other, O_WRONLY | O_CREAT));
    ASSERT_EQ(std::rename(other.c_str(), path_.c_str()), 0);
    EXPECT_FALSE(watch_.check());
}

TEST_F(FileWatchTest, ADirectoryIsRefused) {
    const auto folder = base::open_file(testing::TempDir(), O_RDONLY | O_DIRECTORY);
    ASSERT_TRUE(folder);
    EXPECT_FALSE(watch_.add(folder->get(), "folder"));
}

}  // namespace
}  // namespace vmsecurity::scan
