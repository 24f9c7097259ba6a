#pragma once

#include <string>

#include "base/log.h"
#include "sandbox/channel.h"
#include "scan/protocol/messages.h"

namespace vmsecurity::scan::workers {

template <typename T>
base::Result<void> send(const sandbox::Channel& channel, protocol::MessageType type,
                        const T& message, const std::vector<int>& descriptors = {}) {
    return channel.send(static_cast<std::uint32_t>(type), protocol::encode(message), descriptors);
}

inline protocol::MessageType type_of(const sandbox::Message& message) {
    return static_cast<protocol::MessageType>(message.type);
}

// Ends a worker that cannot go on: the reason goes to the log, the supervisor sees the exit status.
inline int give_up(std::string_view role, const base::Error& error) {
    base::log::error("{}: {}", role, error.describe());
    return 1;
}

}  // namespace vmsecurity::scan::workers
