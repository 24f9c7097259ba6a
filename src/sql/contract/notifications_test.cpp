#include <condition_variable>
#include <mutex>
#include <thread>

#include "sql/contract/test_support.h"

namespace vmsecurity::sql::contract {
namespace {

// Collects what a listener was told.
class Inbox {
  public:
    std::function<void(std::string_view)> wake() {
        return [this](std::string_view payload) {
            const std::scoped_lock lock(mutex_);
            payloads_.emplace_back(payload);
            arrived_.notify_all();
        };
    }
    // What has come once `last` has, or by the time limit.
    std::vector<std::string> until(const std::string& last) {
        std::unique_lock lock(mutex_);
        arrived_.wait_until(lock, soon(),
                            [&] { return std::ranges::find(payloads_, last) != payloads_.end(); });
        return payloads_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<std::string> payloads_;
};

class NotificationsTest : public DriverTest {
  protected:
    static Database::Work tell(std::string channel, std::string payload) {
        return [channel = std::move(channel), payload = std::move(payload)](
                   Connection& connection) { return connection.notify(channel, payload); };
    }
};
VMSECURITY_FOR_EACH_DRIVER(NotificationsTest);

TEST_P(NotificationsTest, ReachListenersOfTheirChannelOnceCommitted) {
    // SQLite's stay in the process, whose one Database has the file.
    const auto other = is_sqlite() ? nullptr : fixture().open();
    Database& sender = other ? *other : database();
    Inbox changes;
    Inbox leases;
    const auto first = database().listen("changes", changes.wake());
    const auto second = database().listen("leases", leases.wake());
    ASSERT_TRUE(first && second);
    ASSERT_TRUE(sender.write(tell("changes", "1"), soon()));
    ASSERT_FALSE(sender.write(
        [](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(connection.notify("changes", "rolled back"));
            return base::fail(base::ErrorCode::kOutOfScope, "no");
        },
        soon()));
    ASSERT_TRUE(sender.write(tell("leases", "it's \"2\""), soon()));
    ASSERT_TRUE(sender.write(tell("changes", "3"), soon()));
    EXPECT_EQ(changes.until("3"), (std::vector<std::string>{"1", "3"}));
    EXPECT_EQ(leases.until("it's \"2\""), (std::vector<std::string>{"it's \"2\""}));
}

TEST_P(NotificationsTest, EndWithTheSubscription) {
    Inbox ended;
    Inbox stays;
    auto subscription = database().listen("c", ended.wake());
    const auto other = database().listen("c", stays.wake());
    ASSERT_TRUE(subscription && other);
    ASSERT_TRUE(database().write(tell("c", "1"), soon()));
    EXPECT_EQ(ended.until("1"), (std::vector<std::string>{"1"}));
    subscription->reset();
    ASSERT_TRUE(database().write(tell("c", "2"), soon()));
    EXPECT_EQ(stays.until("2"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(ended.until("1"), (std::vector<std::string>{"1"}));
}

}  // namespace
}  // namespace vmsecurity::sql::contract
