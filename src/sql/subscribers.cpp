#include "sql/subscribers.h"

#include <algorithm>
#include <utility>

namespace vmsecurity::sql {

class Subscribers::Ticket : public Database::Subscription {
  public:
    Ticket(std::shared_ptr<State> state, std::shared_ptr<Entry> entry)
        : state_(std::move(state)), entry_(std::move(entry)) {}
    ~Ticket() override {
        const std::scoped_lock lock(state_->mutex);
        std::erase(state_->entries, entry_);
    }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

  private:
    std::shared_ptr<State> state_;
    std::shared_ptr<Entry> entry_;
};

std::unique_ptr<Database::Subscription> Subscribers::add(std::string_view channel, Wake wake) {
    auto entry = std::make_shared<Entry>(Entry{std::string(channel), std::move(wake)});
    {
        const std::scoped_lock lock(state_->mutex);
        state_->entries.push_back(entry);
    }
    return std::make_unique<Ticket>(state_, std::move(entry));
}

void Subscribers::publish(const Notification& notification) {
    const std::scoped_lock lock(state_->mutex);
    for (const auto& entry : state_->entries) {
        if (entry->channel == notification.channel) entry->wake(notification.payload);
    }
}

void Subscribers::publish_to_all() {
    const std::scoped_lock lock(state_->mutex);
    for (const auto& entry : state_->entries) entry->wake({});
}

std::vector<std::string> Subscribers::channels() const {
    std::vector<std::string> names;
    const std::scoped_lock lock(state_->mutex);
    for (const auto& entry : state_->entries) {
        if (std::ranges::find(names, entry->channel) == names.end()) {
            names.push_back(entry->channel);
        }
    }
    return names;
}

}  // namespace vmsecurity::sql
