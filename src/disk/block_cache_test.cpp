#include "disk/block_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "disk/cached_source.h"
#include "disk/test_support.h"

namespace vmsecurity::disk {
namespace {

base::Result<void> fill_with_seven(base::MutableByteSpan out) {
    std::ranges::fill(out, std::byte{7});
    return {};
}

TEST(BlockCache, ThreadsThatMissOneBlockWaitForOneLoad) {
    constexpr int kThreads = 8;
    BlockCache cache(1U << 20U, 4096);
    std::latch start(kThreads);
    std::atomic<int> loads = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            start.arrive_and_wait();
            for (std::uint64_t key = 0; key < 200; ++key) {
                const auto block = cache.get(key * 4096, 4096, [&](base::MutableByteSpan out) {
                    ++loads;
                    return fill_with_seven(out);
                });
                ASSERT_TRUE(block);
                ASSERT_EQ((**block)[4095], std::byte{7});
            }
        });
    }
    threads.clear();
    EXPECT_EQ(loads, 200);
    EXPECT_EQ(cache.counters().misses, 200U);
    EXPECT_EQ(cache.counters().hits, 200U * (kThreads - 1));
}

TEST(BlockCache, DropsTheLeastRecentlyUsedPastItsCapacity) {
    BlockCache cache(4 * 4096, 4096);
    for (const std::uint64_t key : {1U, 2U, 3U, 4U})
        ASSERT_TRUE(cache.get(key, 4096, fill_with_seven));
    EXPECT_TRUE(cache.find(1));
    ASSERT_TRUE(cache.get(5, 4096, fill_with_seven));
    EXPECT_FALSE(cache.find(2));
    for (const std::uint64_t key : {1U, 3U, 4U, 5U}) EXPECT_TRUE(cache.find(key)) << key;
}

TEST(BlockCache, KeepsNothingThatDoesNotFit) {
    BlockCache cache(1000, 4096);
    ASSERT_TRUE(cache.get(1, 4096, fill_with_seven));
    EXPECT_FALSE(cache.find(1));
}

TEST(BlockCache, AFailedLoadIsTriedAgain) {
    BlockCache cache(1U << 20U, 4096);
    const auto fails = [](base::MutableByteSpan) -> base::Result<void> {
        return base::fail(base::ErrorCode::kIo, "broken");
    };
    EXPECT_EQ(cache.get(1, 4096, fails).error().message, "broken");
    EXPECT_TRUE(cache.get(1, 4096, fill_with_seven));
}

class CachedSourceTest : public testing::Test {
  protected:
    const std::string disk_ = test::sample_disk(1'000'000, 6);
    std::shared_ptr<const CachedSource> cached_ =
        make_cached_source(std::make_shared<test::MemorySource>(disk_), {512U << 10U, 4096, 65536});

    void expect_read(std::size_t offset, std::size_t length) {
        ASSERT_TRUE(test::read_text(*cached_, offset, length) == disk_.substr(offset, length))
            << length << " at " << offset;
    }
};

TEST_F(CachedSourceTest, FetchesABlockOnce) {
    for (std::size_t offset = 0; offset < 100'000; offset += 1'000) expect_read(offset, 1'500);
    EXPECT_EQ(cached_->counters().bytes_fetched, 25U * 4096);
    EXPECT_EQ(cached_->counters().misses, 25U);
}

TEST_F(CachedSourceTest, LargeReadsFetchOnlyWhatIsMissingAndKeepNothing) {
    expect_read(10'000, 10);
    expect_read(20'000, 10);
    expect_read(0, 81'920);
    EXPECT_EQ(cached_->counters().bytes_fetched, 81'920U);
    EXPECT_EQ(cached_->counters().misses, 2U);
    expect_read(0, 10);
    EXPECT_EQ(cached_->counters().misses, 3U);
}

TEST_F(CachedSourceTest, AnyRangeAndTheEnd) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 500; ++i) {
        const std::size_t offset = random() % disk_.size();
        expect_read(offset, std::min(random() % 150'000, disk_.size() - offset));
    }
    expect_read(disk_.size() - 1, 1);
    EXPECT_THAT(test::read_text(*cached_, disk_.size(), 1), testing::HasSubstr("too early"));
}

TEST(Slice, IsAWindowOfItsParent) {
    const auto disk = std::make_shared<test::MemorySource>("0123456789");
    const BlockSourcePtr slice = make_slice(disk, {2, 5});
    EXPECT_EQ(slice->size(), 5U);
    EXPECT_EQ(test::read_text(*slice, 1, 4), "3456");
    EXPECT_THAT(test::read_text(*slice, 1, 5), testing::HasSubstr("too early"));
    EXPECT_THAT(test::read_text(*slice, UINT64_MAX, 2), testing::HasSubstr("too early"));
    EXPECT_EQ(slice->allocated({1, UINT64_MAX}), (std::vector<ByteRange>{{1, 4}}));
    EXPECT_EQ(make_slice(disk, {8, 5})->size(), 2U);
}

}  // namespace
}  // namespace vmsecurity::disk
