#include "disk/disk_image.h"

#include <sys/stat.h>

#include "disk/test_support.h"

namespace vmsecurity::disk {
namespace {

using base::ErrorCode;
using test::TemporaryDirectory;

void expect_error(const base::Result<DiskImage>& image, ErrorCode code, std::string_view text) {
    ASSERT_FALSE(image);
    EXPECT_EQ(to_string(image.error().code), to_string(code));
    EXPECT_THAT(image.error().describe(), testing::HasSubstr(std::string(text)));
}

TEST(OpenDiskImage, RawOfAnySize) {
    const TemporaryDirectory directory;
    for (const std::size_t size : {1U, 511U, 512U, 100'001U}) {
        const std::string disk = test::sample_disk(size, 1);
        directory.write("disk.raw", disk);
        const auto image = test::open_image(directory, "disk.raw");
        ASSERT_TRUE(image) << image.error().describe();
        EXPECT_EQ(image->format, ImageFormat::kRaw);
        EXPECT_EQ(test::read_text(*image->blocks, 0, size), disk);
    }
}

TEST(OpenDiskImage, HolesOfARawFileAreNotAllocated) {
    const TemporaryDirectory directory;
    directory.run(
        "truncate -s 8M disk.raw && "
        "printf data | dd of=disk.raw bs=1M seek=4 conv=notrunc status=none");
    const auto image = test::open_image(directory, "disk.raw");
    ASSERT_TRUE(image);
    const auto ranges = image->blocks->allocated({1U << 20U, UINT64_MAX});
    ASSERT_TRUE(ranges);
    ASSERT_EQ(ranges->size(), 1U);
    EXPECT_EQ((*ranges)[0].offset, 4U << 20U);
    EXPECT_LT((*ranges)[0].length, 1U << 20U);
    EXPECT_TRUE(image->blocks->allocated({6U << 20U, 1000})->empty());
}

TEST(OpenDiskImage, EmptyFileAndDirectory) {
    const TemporaryDirectory directory;
    directory.write("disk.raw", "");
    expect_error(test::open_image(directory, "disk.raw"), ErrorCode::kTruncated, "is empty");
    ASSERT_EQ(::mkdir((directory / "folder").c_str(), 0700), 0);
    expect_error(test::open_image(directory, "folder"), ErrorCode::kInvalidArgument,
                 "neither a regular file nor a block device");
}

TEST(OpenDiskImage, OtherFormatsAreNamedWithAdvice) {
    const TemporaryDirectory directory;
    directory.write("disk.raw", test::sample_disk(1U << 20U, 2));
    for (const auto& [format, name] : std::vector<std::pair<std::string, std::string>>{
             {"vmdk", "VMDK"},
             {"vmdk -o subformat=twoGbMaxExtentFlat", "VMDK (descriptor)"},
             {"vpc", "VHD (dynamic)"},
             {"vpc -o subformat=fixed,force_size=on", "VHD (fixed)"},
             {"vhdx", "VHDX"},
             {"vdi", "VDI"},
             {"qed", "QED"},
             {"parallels", "Parallels"},
             {"qcow", "qcow version 1"}}) {
        directory.run("rm -f disk.other* && qemu-img convert -f raw -O " + format +
                      " disk.raw disk.other");
        SCOPED_TRACE(format);
        expect_error(test::open_image(directory, "disk.other"), ErrorCode::kUnsupported, name);
        expect_error(test::open_image(directory, "disk.other"), ErrorCode::kUnsupported,
                     "qemu-img convert");
    }
    directory.run("gzip -k disk.raw");
    expect_error(test::open_image(directory, "disk.raw.gz"), ErrorCode::kUnsupported, "unpack it");
}

TEST(OpenDiskImage, LastSectorOfAGuestIsNoVhdFooter) {
    const TemporaryDirectory directory;
    std::string disk(4096, 'x');
    disk.replace(3584, 8, "conectix");
    directory.write("disk.raw", disk);
    EXPECT_TRUE(test::open_image(directory, "disk.raw"));
}

class BackingChain : public testing::Test {
  protected:
    void SetUp() override {
        directory_.run(
            "mkdir inside && cd inside && mkdir below && "
            "printf 'some data' > base.raw && truncate -s 64k base.raw && "
            "cp base.raw ../outside.raw");
    }
    // An image in inside/ whose header states `backing` as it is.
    base::Result<DiskImage> open_with(const std::string& backing, const std::string& format) {
        directory_.run("cd inside && qemu-img create -u -f qcow2 -F " + format + " -b '" + backing +
                       "' top.qcow2 64k");
        return open();
    }
    base::Result<DiskImage> open(const std::string& name = "top.qcow2") {
        test::DirectoryOpener opener(directory_ / "inside");
        return open_disk_image(base::open_file(directory_ / ("inside/" + name), O_RDONLY).value(),
                               name, opener);
    }

    TemporaryDirectory directory_;
};

TEST_F(BackingChain, FilesBesideAndBelowTheImage) {
    directory_.run(
        "cd inside && ln -s base.raw link.raw && cp base.raw below/base.raw && "
        "qemu-img create -f qcow2 -F raw -b base.raw below/middle.qcow2 64k");
    for (const auto& [backing, format] :
         std::vector<std::pair<std::string, std::string>>{{"base.raw", "raw"},
                                                          {"./base.raw", "raw"},
                                                          {"file:base.raw", "raw"},
                                                          {"link.raw", "raw"},
                                                          {"below/middle.qcow2", "qcow2"}}) {
        const auto image = open_with(backing, format);
        ASSERT_TRUE(image) << image.error().describe();
        EXPECT_EQ(image->backing_chain[0], backing);
        EXPECT_EQ(test::read_text(*image->blocks, 0, 9), "some data");
    }
}

TEST_F(BackingChain, MissingFileIsNamed) {
    const auto image = open_with("gone.qcow2", "qcow2");
    expect_error(image, ErrorCode::kNotFound, "cannot open the backing file 'gone.qcow2'");
    EXPECT_THAT(image.error().describe(), testing::HasSubstr("of top.qcow2"));
}

TEST_F(BackingChain, NothingOutsideTheDirectoryIsOpened) {
    directory_.run(
        "cd inside && ln -s ../outside.raw escape.raw && ln -s /etc/passwd absolute.raw "
        "&& ln -s .. up && mkfifo pipe.raw");
    for (const std::string name :
         {"/etc/passwd", "../outside.raw", "below/../../outside.raw", "escape.raw", "absolute.raw",
          "up/outside.raw", "pipe.raw", "below"}) {
        SCOPED_TRACE(name);
        expect_error(open_with(name, "raw"), ErrorCode::kPermissionDenied,
                     "cannot open the backing file");
    }
    expect_error(open_with("nbd://127.0.0.1/disk", "raw"), ErrorCode::kUnsupported,
                 "not a plain file name");
    expect_error(open_with(R"(json:{"driver":"file","filename":"/etc/passwd"})", "raw"),
                 ErrorCode::kUnsupported, "not a plain file name");
}

TEST_F(BackingChain, LoopsEndWithTheirReason) {
    directory_.run(
        "cd inside && qemu-img create -u -f qcow2 -F qcow2 -b top.qcow2 b.qcow2 64k && "
        "ln b.qcow2 same.qcow2");
    expect_error(open_with("b.qcow2", "qcow2"), ErrorCode::kCorrupt, "loop");
    expect_error(open_with("./top.qcow2", "qcow2"), ErrorCode::kCorrupt, "loop");
    expect_error(open_with("./top.qcow2", "raw"), ErrorCode::kCorrupt, "loop");
    directory_.run(
        "cd inside && qemu-img create -u -f qcow2 -F qcow2 -b same.qcow2 b.qcow2 64k && "
        "ln -f b.qcow2 same.qcow2");
    expect_error(open("b.qcow2"), ErrorCode::kCorrupt, "loop");
}

TEST_F(BackingChain, DepthIsBounded) {
    std::string command = "cd inside && cp base.raw 0.img";
    for (int i = 1; i <= 40; ++i) {
        command += fmt::format(" && qemu-img create -u -f qcow2 -F {} -b {}.img {}.img 64k",
                               i == 1 ? "raw" : "qcow2", i - 1, i);
    }
    directory_.run(command);
    const auto deepest = open("31.img");
    ASSERT_TRUE(deepest) << deepest.error().describe();
    EXPECT_EQ(test::read_text(*deepest->blocks, 0, 9), "some data");
    expect_error(open("40.img"), ErrorCode::kLimitExceeded, "more than 32 files");
}

TEST_F(BackingChain, StatedFormatIsObeyed) {
    // A raw disk whose guest wrote a qcow2 header that names a neighbour.
    directory_.run("cd inside && qemu-img create -f qcow2 -F raw -b base.raw guest.raw 64k");
    const auto image = open_with("guest.raw", "raw");
    ASSERT_TRUE(image) << image.error().describe();
    EXPECT_EQ(image->backing_chain.size(), 1U);
    EXPECT_EQ(test::read_text(*image->blocks, 0, 4), "QFI\xfb");
    expect_error(open_with("base.raw", "vmdk"), ErrorCode::kUnsupported, "format 'vmdk'");
}

}  // namespace
}  // namespace vmsecurity::disk
