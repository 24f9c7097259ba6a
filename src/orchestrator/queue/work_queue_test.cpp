#include "orchestrator/queue/work_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace vmsecurity::orchestrator {
namespace {

using std::chrono::milliseconds;

WorkItem item(std::string id) {
    return {"scans", std::move(id)};
}

TEST(WorkQueue, GivesAnItemOnceHoweverOftenItIsAdded) {
    WorkQueue queue;
    queue.add(item("a"));
    queue.add(item("a"));
    queue.add(item("b"));
    EXPECT_EQ(queue.waiting(), 2U);
    EXPECT_EQ(queue.take({})->id, "a");
    EXPECT_EQ(queue.take({})->id, "b");
    EXPECT_EQ(queue.waiting(), 0U);
}

TEST(WorkQueue, TheEarliestTimeCounts) {
    WorkQueue queue;
    queue.add(item("late"), std::chrono::hours(1));
    queue.add(item("late"));
    EXPECT_EQ(queue.take({})->id, "late");
    queue.done(item("late"));
    EXPECT_EQ(queue.waiting(), 0U);
    queue.add(item("first"));
    queue.add(item("first"), std::chrono::hours(1));
    EXPECT_EQ(queue.take({})->id, "first");
}

TEST(WorkQueue, WhatIsAddedMeanwhileComesAfterwards) {
    WorkQueue queue;
    queue.add(item("a"));
    ASSERT_TRUE(queue.take({}));
    queue.add(item("a"));
    EXPECT_EQ(queue.waiting(), 0U) << "one worker at a time";
    queue.done(item("a"));
    EXPECT_EQ(queue.waiting(), 1U);
    EXPECT_EQ(queue.take({})->id, "a");
    queue.done(item("a"));
    EXPECT_EQ(queue.waiting(), 0U);
}

TEST(WorkQueue, ComesNotBeforeItsTime) {
    WorkQueue queue;
    const auto begin = WorkQueue::Clock::now();
    queue.add(item("later"), milliseconds(40));
    queue.add(item("soon"), milliseconds(10));
    EXPECT_EQ(queue.take({})->id, "soon");
    EXPECT_GE(WorkQueue::Clock::now() - begin, milliseconds(10));
    EXPECT_EQ(queue.take({})->id, "later");
    EXPECT_GE(WorkQueue::Clock::now() - begin, milliseconds(40));
}

TEST(WorkQueue, AWaitingWorkerSeesWhatComesEarlier) {
    WorkQueue queue;
    queue.add(item("in an hour"), std::chrono::hours(1));
    std::jthread worker([&] { EXPECT_EQ(queue.take({})->id, "now"); });
    queue.add(item("now"));
}

TEST(WorkQueue, StopsWorkersThatWait) {
    WorkQueue queue;
    queue.add(item("in an hour"), std::chrono::hours(1));
    std::jthread worker(
        [&](const std::stop_token& stop) { EXPECT_FALSE(queue.take(stop).has_value()); });
    worker.request_stop();
}

TEST(WorkQueue, ForgetsAlsoWhatWasAddedMeanwhile) {
    WorkQueue queue;
    queue.add(item("a"));
    ASSERT_TRUE(queue.take({}));
    queue.add(item("a"));
    queue.add(item("b"));
    queue.clear();
    queue.done(item("a"));
    EXPECT_EQ(queue.waiting(), 0U);
}

// Many workers, few items: none is ever with two of them, and the last addition is never lost.
TEST(WorkQueue, NoItemIsWithTwoWorkersAndNoneIsLost) {
    constexpr int kItems = 4;
    constexpr int kRounds = 2000;
    WorkQueue queue;
    std::array<std::atomic<int>, kItems> inside{};
    std::array<std::atomic<int>, kItems> added{};
    std::array<std::atomic<int>, kItems> seen{};
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i) {
            workers.emplace_back([&](const std::stop_token& stop) {
                while (const auto taken = queue.take(stop)) {
                    const auto which = static_cast<std::size_t>(std::stoi(taken->id));
                    EXPECT_EQ(inside[which].fetch_add(1), 0);
                    seen[which] = added[which].load();
                    inside[which].fetch_sub(1);
                    queue.done(*taken);
                }
            });
        }
        for (int round = 0; round < kRounds; ++round) {
            for (std::size_t which = 0; which < kItems; ++which) {
                ++added[which];
                queue.add(item(std::to_string(which)));
            }
        }
        for (std::size_t which = 0; which < kItems; ++which) {
            while (seen[which] != kRounds) std::this_thread::yield();
        }
    }
    EXPECT_EQ(queue.waiting(), 0U);
}

}  // namespace
}  // namespace vmsecurity::orchestrator
