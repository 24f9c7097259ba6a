#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace vmsecurity::sandbox {

// One datagram between supervisor and worker: a number that says what it is, its bytes, and
// descriptors that travel with it (unix(7), SCM_RIGHTS). What a worker sends is untrusted.
struct Message {
    std::uint32_t type = 0;
    std::string payload;
    std::vector<base::FileDescriptor> descriptors;
};

// One end of a SOCK_SEQPACKET pair: boundaries are kept, a message arrives whole or not at all.
// Sending is safe from many threads, receiving belongs to one.
class Channel {
  public:
    static constexpr std::size_t kMaxPayload = 96 * 1024;
    static constexpr std::size_t kMaxDescriptors = 4;

    Channel() = default;
    explicit Channel(base::FileDescriptor socket) : socket_(std::move(socket)) {}
    static base::Result<std::pair<Channel, Channel>> make_pair();

    // kWait blocks while the peer's queue is full. A supervisor must not: a worker that stops
    // reading would stop it. kNow then fails with kUnavailable, as it does if the peer is gone.
    enum class Mode { kWait, kNow };
    // `descriptors` stay the caller's.
    base::Result<void> send(std::uint32_t type, std::string_view payload,
                            const std::vector<int>& descriptors = {},
                            Mode mode = Mode::kWait) const;

    // Waits for a message; nothing if the peer closed its end. kCorrupt for what cannot come from
    // send().
    base::Result<std::optional<Message>> receive() const;

    int descriptor() const { return socket_.get(); }
    void close() { socket_.reset(); }
    base::FileDescriptor take() { return std::move(socket_); }

  private:
    base::FileDescriptor socket_;
};

}  // namespace vmsecurity::sandbox
