#include "store/leases.h"

#include <atomic>
#include <thread>

#include "store/clock.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store::testing {
namespace {

using base::ErrorCode;
using std::chrono::seconds;

constexpr seconds kLong{600};

class StoreLeases : public StoreTest {
  protected:
    base::Result<Lease> acquire(const std::string& holder, seconds time_to_live = kLong,
                                std::optional<std::int64_t> fencing = std::nullopt) {
        return acquire_lease(store(), "leader", holder, time_to_live, soon(), fencing);
    }
    base::Result<void> write_under(std::int64_t fencing) {
        return store().write(
            [&](Transaction& transaction) { return check_fencing(transaction, "leader", fencing); },
            soon());
    }
};
VMSECURITY_STORE_SUITE(StoreLeases);

TEST_P(StoreLeases, OneAtATimeHoldsALease) {
    const auto first = acquire("one");
    ASSERT_TRUE(first) << first.error().describe();
    EXPECT_EQ(first->holder, "one");
    EXPECT_EQ(first->fencing, 1);
    EXPECT_EQ(first->time_to_live, kLong);
    EXPECT_EQ(first->expires_on - first->acquired_on, 600'000'000'000);
    EXPECT_NEAR(static_cast<double>(first->acquired_on), static_cast<double>(now_nanoseconds()),
                60e9);

    const auto second = acquire("two");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(second.error().message.find("one has the lease leader until"), std::string::npos);

    const auto renewed = acquire("one", seconds(900));
    ASSERT_TRUE(renewed);
    EXPECT_EQ(renewed->fencing, 1);
    EXPECT_EQ(renewed->acquired_on, first->acquired_on);
    EXPECT_GT(renewed->expires_on, first->expires_on);
    EXPECT_EQ(get_lease(store(), "leader", soon())->holder, "one");
    EXPECT_EQ(get_lease(store(), "other", soon()).error().code, ErrorCode::kNotFound);
}

TEST_P(StoreLeases, TheNumberRisesWithEachHolderAndNeverFalls) {
    EXPECT_EQ(acquire("one", seconds(0))->fencing, 1);  // expired at once
    EXPECT_EQ(get_lease(store(), "leader", soon()).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(acquire("two")->fencing, 2);
    ASSERT_TRUE(release_lease(store(), "leader", "one", soon()));  // has it no more
    EXPECT_EQ(get_lease(store(), "leader", soon())->holder, "two");
    ASSERT_TRUE(release_lease(store(), "leader", "two", soon()));
    EXPECT_EQ(acquire("one", seconds(0))->fencing, 3);
    EXPECT_EQ(acquire("one")->fencing, 4) << "who let it expire may have missed another leader";
}

TEST_P(StoreLeases, RenewsOnlyTheNumberThatIsGiven) {
    EXPECT_EQ(acquire("one", kLong, 1).error().code, ErrorCode::kUnavailable);
    ASSERT_TRUE(acquire("one"));
    EXPECT_EQ(acquire("one", kLong, 1)->fencing, 1);
    EXPECT_EQ(acquire("one", kLong, 2).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(acquire("two", kLong, 1).error().code, ErrorCode::kUnavailable);
    ASSERT_TRUE(acquire("one", seconds(0)));
    EXPECT_EQ(acquire("one", kLong, 1).error().code, ErrorCode::kUnavailable);
}

TEST_P(StoreLeases, RefusesWritesUnderAnOldNumber) {
    EXPECT_EQ(write_under(1).error().code, ErrorCode::kPermissionDenied);
    ASSERT_TRUE(acquire("one"));
    EXPECT_TRUE(write_under(1));
    EXPECT_EQ(write_under(2).error().code, ErrorCode::kPermissionDenied);
    ASSERT_TRUE(acquire("one", seconds(0)));
    EXPECT_EQ(write_under(1).error().code, ErrorCode::kPermissionDenied);
    ASSERT_TRUE(acquire("two"));
    EXPECT_EQ(write_under(1).error().code, ErrorCode::kPermissionDenied);
    EXPECT_TRUE(write_under(2));
}

TEST_P(StoreLeases, OneOfManyWhoAskTogetherGetsIt) {
    std::atomic<int> got = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            const auto lease = acquire(numbered("holder", i));
            if (lease) {
                ++got;
            } else {
                EXPECT_EQ(lease.error().code, ErrorCode::kUnavailable);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(got, 1);
}

}  // namespace
}  // namespace vmsecurity::store::testing
