#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "sdk/api_client.h"

namespace vmsecurity::sdk {

// One event of /changes.
struct ChangeEvent {
    std::string collection;
    std::string object_id;
    std::string kind;  // Created, Changed, Deleted, Reconciled
    std::int64_t revision = 0;
};

struct ChangeListener {
    // The feed is connected and may have missed something: read anew what you depend on. Called
    // before the first event, and whenever events were lost.
    std::function<void()> resync;
    std::function<void(const ChangeEvent&)> changed;
};

// Follows the change feed until `stop`, on the calling thread; reconnects by itself, with jitter,
// where it left off. No event between the call of `resync` and now is missed.
void follow_changes(const Endpoint& endpoint, const ChangeListener& listener, std::stop_token stop);

}  // namespace vmsecurity::sdk
