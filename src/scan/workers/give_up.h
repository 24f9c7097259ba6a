#pragma once

#include "base/error.h"
#include "sandbox/channel.h"
#include "scan/protocol/messages.h"

namespace vmsecurity::scan::workers {

// Ends a worker that cannot go on: tells the supervisor why, if it still listens. The answer is the
// exit status.
inline int give_up(const sandbox::Channel& channel, const base::Error& error) {
    (void)channel.send(static_cast<std::uint32_t>(protocol::MessageType::kWorkerFailed),
                       error.describe());
    return 1;
}

}  // namespace vmsecurity::scan::workers
