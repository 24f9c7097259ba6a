#include "store/change_feed.h"

#include <atomic>
#include <set>
#include <thread>

#include "model/api/tables.h"
#include "store/clock.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store::testing {
namespace {

using model::api::kAssetsCollection;
using model::api::kAuditEventsCollection;

class StoreChangeFeed : public StoreTest {
  protected:
    Changes read(std::int64_t since, std::size_t limit = 1000) {
        auto changes = read_changes(store(), since, limit, soon());
        if (!changes) {
            ADD_FAILURE() << changes.error().describe();
            return {};
        }
        return *std::move(changes);
    }
    static std::string shown(const Changes& changes) {
        std::string text;
        for (const Change& change : changes.changes) {
            text += "cud"[static_cast<int>(change.kind)];
            text += change.object_id + std::to_string(change.revision) + change.family + " ";
        }
        return text;
    }
    void prune(std::int64_t time, std::int64_t limit) {
        write([&](Transaction& transaction) -> base::Result<void> {
            VMSECURITY_TRY(prune_changes(transaction.connection(), time, limit));
            return {};
        });
    }
};
VMSECURITY_STORE_SUITE(StoreChangeFeed);

TEST_P(StoreChangeFeed, TellsWhatHappenedInOrder) {
    const std::int64_t start = read(-1).next;
    insert(kAssetsCollection, "a", "{}");
    insert(kAssetsCollection, "b", "{}");
    write([](Transaction& transaction) -> base::Result<void> {
        VMSECURITY_TRY(transaction.replace(kAssetsCollection, {.id = "a", .revision = 2}));
        transaction.record_change("findings", "s", ChangeKind::kUpdated, 5, "sbom");
        return {};
    });
    remove(kAssetsCollection, "b");
    insert(kAuditEventsCollection, "e", "{}");  // nobody's business

    const Changes all = read(start);
    EXPECT_EQ(shown(all), "ca1 cb1 ua2 us5sbom db1 ");
    EXPECT_EQ(all.changes.front().collection, "assets");
    EXPECT_EQ(all.changes[3].collection, "findings");
    EXPECT_NEAR(static_cast<double>(all.changes.front().time),
                static_cast<double>(now_nanoseconds()), 60e9);
    EXPECT_FALSE(all.resync);
    EXPECT_FALSE(all.held_back);
    EXPECT_EQ(shown(read(all.next)), "");
    EXPECT_EQ(read(all.next).next, all.next);

    const Changes first = read(start, 2);
    EXPECT_EQ(shown(first), "ca1 cb1 ");
    EXPECT_EQ(shown(read(first.next)), "ua2 us5sbom db1 ");
    EXPECT_EQ(read(-1).next, all.next);
}

TEST_P(StoreChangeFeed, WakesItsListeners) {
    std::atomic<int> woken = 0;
    auto subscription = database().listen(kChangesChannel, [&](std::string_view) {
        ++woken;
        woken.notify_all();
    });
    ASSERT_TRUE(subscription);
    insert(kAssetsCollection, "a", "{}");
    woken.wait(0);
    EXPECT_GE(woken, 1);
}

TEST_P(StoreChangeFeed, PrunedReadersAreToldToReadEverythingAnew) {
    const std::int64_t start = read(-1).next;
    for (int i = 0; i < 5; ++i) insert(kAssetsCollection, numbered("a", i), "{}");
    const std::int64_t second = read(start, 2).next;
    prune(0, 100);  // nothing is that old
    EXPECT_EQ(read(start).changes.size(), 5U);

    prune(now_nanoseconds() + 1'000'000'000, 2);
    EXPECT_TRUE(read(start).resync);
    EXPECT_TRUE(read(start).changes.empty());
    EXPECT_FALSE(read(second).resync);
    EXPECT_EQ(read(second).changes.size(), 3U);

    prune(now_nanoseconds() + 1'000'000'000, 100);
    const Changes lost = read(start);
    EXPECT_TRUE(lost.resync);
    EXPECT_FALSE(read(lost.next).resync);
    insert(kAssetsCollection, "b", "{}");
    EXPECT_EQ(shown(read(lost.next)), "cb1 ");
    EXPECT_TRUE(read(lost.next + (std::int64_t{1} << 50)).resync) << "of another database";
}

TEST_P(StoreChangeFeed, GoesOnBehindAnyIdAfterAnImport) {
    const std::int64_t start = read(-1).next;
    insert(kAssetsCollection, "a", "{}");
    const std::int64_t imported = read(-1).next + (std::int64_t{1} << 40);
    write([&](Transaction& transaction) {
        return advance_change_feed(transaction.connection(), imported);
    });
    EXPECT_TRUE(read(start).resync);
    insert(kAssetsCollection, "b", "{}");
    EXPECT_EQ(shown(read(imported)), "cb1 ");
    EXPECT_GT(read(imported).next, imported);
    open_store();
    EXPECT_EQ(shown(read(imported)), "cb1 ");
}

TEST_P(StoreChangeFeed, IsRepairedWhereTransactionNumbersStartAnew) {
    // As in a PostgreSQL cluster restored from a dump: what is there has greater ids than what
    // comes.
    insert(kAssetsCollection, "a", "{}");
    const std::int64_t last = read(-1).next + (std::int64_t{1} << 40);
    run("UPDATE changes SET id = " + std::to_string(last));
    open_store();
    EXPECT_EQ(read(-1).next, last);
    EXPECT_FALSE(read(last).held_back);
    insert(kAssetsCollection, "b", "{}");
    EXPECT_EQ(shown(read(last)), "cb1 ");
}

// The reader races with writers whose transactions overlap, and sees each change exactly once.
TEST_P(StoreChangeFeed, ReadersMissNothingThatManyWritersDo) {
    constexpr int kWriters = 8;
    constexpr int kRounds = 60;
    const std::int64_t start = read(-1).next;
    std::atomic<int> running = kWriters;
    std::vector<std::thread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            for (int round = 0; round < kRounds; ++round) {
                const std::string id = numbered(numbered("w", writer), round);
                const auto result = store().write(
                    [&](Transaction& transaction) -> base::Result<void> {
                        VMSECURITY_TRY(transaction.insert(kAssetsCollection, {.id = id}));
                        // Some stay open for longer than others, and some change their mind.
                        for (int i = 0; i < writer * 2; ++i) {
                            VMSECURITY_TRY(transaction.find(kAssetsCollection, id));
                        }
                        if (round % 10 == 9) return base::fail(base::ErrorCode::kCancelled, "no");
                        return {};
                    },
                    soon());
                ASSERT_EQ(result.has_value(), round % 10 != 9);
            }
            --running;
        });
    }
    std::set<std::string> seen;
    std::size_t count = 0;
    std::int64_t next = start;
    std::int64_t previous = start;
    for (bool last = false; !last;) {
        last = running == 0;
        const Changes changes = read(next, 50);
        ASSERT_FALSE(changes.resync);
        for (const Change& change : changes.changes) {
            EXPECT_GT(change.id, previous);
            previous = change.id;
            seen.insert(change.object_id);
            ++count;
        }
        next = changes.next;
        if (!changes.changes.empty() || changes.held_back) last = false;
    }
    for (std::thread& thread : writers) thread.join();
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(kWriters * kRounds * 9 / 10));
    EXPECT_EQ(count, seen.size());
}

}  // namespace
}  // namespace vmsecurity::store::testing
