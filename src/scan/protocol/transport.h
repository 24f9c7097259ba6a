#pragma once

#include <string>

#include "sandbox/channel.h"
#include "scan/protocol/messages.h"

namespace vmsecurity::scan::protocol {

// A message with its type number, over a channel.
template <typename T>
base::Result<void> send(const sandbox::Channel& channel, MessageType type, const T& message,
                        const std::vector<int>& descriptors = {},
                        sandbox::Channel::Mode mode = sandbox::Channel::Mode::kWait) {
    return channel.send(static_cast<std::uint32_t>(type), encode(message), descriptors, mode);
}

inline MessageType type_of(const sandbox::Message& message) {
    return static_cast<MessageType>(message.type);
}

}  // namespace vmsecurity::scan::protocol
