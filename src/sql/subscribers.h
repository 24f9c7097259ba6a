#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sql/database.h"

namespace vmsecurity::sql {

struct Notification {
    std::string channel;
    std::string payload;
    bool operator==(const Notification&) const = default;
};

// Who listens to which channel of one database. Safe to use from many threads.
class Subscribers {
  public:
    using Wake = std::function<void(std::string_view payload)>;

    // `wake` runs inside publish(); it must not block nor subscribe.
    std::unique_ptr<Database::Subscription> add(std::string_view channel, Wake wake);
    void publish(const Notification& notification);
    void publish_to_all();  // an empty payload to every channel
    std::vector<std::string> channels() const;

  private:
    struct Entry {
        std::string channel;
        Wake wake;
    };
    // Outlives the Subscribers in the subscriptions that are left.
    struct State {
        std::mutex mutex;
        std::vector<std::shared_ptr<Entry>> entries;
    };
    class Ticket;

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace vmsecurity::sql
