#include <atomic>
#include <thread>

#include "model/api/tables.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store::testing {
namespace {

using model::api::kAssetsCollection;

class StoreConcurrency : public StoreTest {
  protected:
    // Runs `work` in `count` threads that start together.
    static void run_together(int count, const std::function<void(int)>& work) {
        std::atomic<int> waiting = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                ++waiting;
                while (waiting < count) std::this_thread::yield();
                work(i);
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
};
VMSECURITY_STORE_SUITE(StoreConcurrency);

TEST_P(StoreConcurrency, ManyInsertersOfTheSameThingMakeOne) {
    constexpr int kThreads = 16;
    constexpr int kRounds = 20;
    std::atomic<int> inserted = 0;
    std::atomic<int> answered = 0;
    run_together(kThreads, [&](int thread) {
        for (int round = 0; round < kRounds; ++round) {
            const std::string key = numbered("key", round);
            const std::string id = numbered(key, thread);
            std::optional<Item> other;
            bool refused = false;
            const auto result = store().write(
                [&](Transaction& transaction) -> base::Result<void> {
                    const auto outcome = transaction.insert(
                        kAssetsCollection, {.id = id, .unique_key = key, .document = {}});
                    refused = !outcome.has_value();
                    if (!refused) return {};
                    if (outcome.error().where != "unique_key") return outcome;
                    VMSECURITY_ASSIGN(other,
                                      transaction.find_by_unique_key(kAssetsCollection, key));
                    return {};
                },
                soon());
            ASSERT_TRUE(result) << result.error().describe();
            if (refused) {
                ASSERT_TRUE(other);
                EXPECT_NE(other->id, id);
                ++answered;
            } else {
                ++inserted;
            }
        }
    });
    EXPECT_EQ(inserted, kRounds);
    EXPECT_EQ(answered, kRounds * (kThreads - 1));
    EXPECT_EQ(number("SELECT count(*) FROM assets"), kRounds);
}

TEST_P(StoreConcurrency, ReadModifyWriteLosesNothing) {
    constexpr int kThreads = 32;
    constexpr int kRounds = 10;
    insert(kAssetsCollection, "a", R"({"scansCount":0})");
    run_together(kThreads, [&](int) {
        for (int round = 0; round < kRounds; ++round) {
            const auto result = store().write(
                [](Transaction& transaction) -> base::Result<void> {
                    VMSECURITY_ASSIGN(const auto item, transaction.find(kAssetsCollection, "a"));
                    if (!item) return base::fail(base::ErrorCode::kNotFound, "a is gone");
                    boost::json::object document = json_object(item->document);
                    document["scansCount"] = document["scansCount"].to_number<std::int64_t>() + 1;
                    return transaction.replace(kAssetsCollection,
                                               {.id = "a",
                                                .revision = item->revision + 1,
                                                .document = std::move(document)});
                },
                soon());
            ASSERT_TRUE(result) << result.error().describe();
        }
    });
    const auto item = store().get(kAssetsCollection, "a", soon());
    EXPECT_EQ(item->revision, 1 + kThreads * kRounds);
    EXPECT_EQ(item->document, R"({"id":"a","revision":321,"scansCount":320})");
}

// Two that each want the other's key get in each other's way, and neither may be lost or stuck.
TEST_P(StoreConcurrency, CrossingReplacementsEndWithoutDeadlock) {
    insert(kAssetsCollection, "a", "{}", "A");
    insert(kAssetsCollection, "b", "{}", "B");
    std::atomic<int> refused = 0;
    run_together(2, [&](int thread) {
        for (int round = 0; round < 20; ++round) {
            const auto result = store().write(
                [&](Transaction& transaction) -> base::Result<void> {
                    const auto outcome = transaction.replace(kAssetsCollection,
                                                             {.id = thread == 0 ? "a" : "b",
                                                              .unique_key = thread == 0 ? "B" : "A",
                                                              .document = {}});
                    if (!outcome && outcome.error().where == "unique_key") {
                        ++refused;
                        return {};
                    }
                    return outcome;
                },
                soon());
            ASSERT_TRUE(result) << result.error().describe();
        }
    });
    EXPECT_GE(refused, 40);  // more where the database had it tried again
    EXPECT_EQ(number("SELECT count(DISTINCT unique_key) FROM assets"), 2);
}

}  // namespace
}  // namespace vmsecurity::store::testing
