#include "sandbox/channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace vmsecurity::sandbox {
namespace {

constexpr int kBufferBytes = 1 << 20;

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * Channel::kMaxDescriptors);

void collect_descriptors(msghdr& header, std::vector<base::FileDescriptor>& out) {
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
        const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
            out.emplace_back(descriptor);
        }
    }
}

}  // namespace

base::Result<std::pair<Channel, Channel>> Channel::make_pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return base::fail(base::system_error(errno, "cannot make a socket pair"));
    }
    for (const int end : ends) {
        // A hint only: the kernel caps it at net.core.wmem_max and messages fit the default too.
        ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof(kBufferBytes));
    }
    return std::pair(Channel(base::FileDescriptor(ends[0])),
                     Channel(base::FileDescriptor(ends[1])));
}

base::Result<void> Channel::send(std::uint32_t type, std::string_view payload,
                                 const std::vector<int>& descriptors, Mode mode) const {
    if (payload.size() > kMaxPayload || descriptors.size() > kMaxDescriptors) {
        return base::fail(base::ErrorCode::kLimitExceeded, "a worker message is too large",
                          std::to_string(payload.size()) + " bytes");
    }
    // sendmsg(2) reads through what is not const in an iovec. NOLINTNEXTLINE(*-pro-type-const-cast)
    auto* const text = const_cast<char*>(payload.data());
    std::array<iovec, 2> parts = {{{&type, sizeof(type)}, {text, payload.size()}}};
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    alignas(cmsghdr) std::array<char, kControlSize> control{};
    if (!descriptors.empty()) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
        std::memcpy(CMSG_DATA(rights), descriptors.data(), sizeof(int) * descriptors.size());
    }
    const int flags = MSG_NOSIGNAL | (mode == Mode::kNow ? MSG_DONTWAIT : 0);
    while (::sendmsg(socket_.get(), &header, flags) < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN) {
            return base::fail(base::ErrorCode::kUnavailable, "the peer process does not read");
        }
        if (errno == EPIPE || errno == ECONNRESET) {
            return base::fail(base::ErrorCode::kUnavailable, "the peer process is gone");
        }
        return base::fail(base::system_error(errno, "cannot send to a worker process"));
    }
    return {};
}

base::Result<std::optional<Message>> Channel::receive() const {
    Message message;
    std::string buffer(sizeof(message.type) + kMaxPayload, '\0');
    iovec part = {buffer.data(), buffer.size()};
    alignas(cmsghdr) std::array<char, kControlSize> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();

    ssize_t count = 0;
    while ((count = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC)) < 0) {
        if (errno == EINTR) continue;
        if (errno == ECONNRESET) return std::nullopt;
        return base::fail(base::system_error(errno, "cannot receive from a worker process"));
    }
    if (count == 0) return std::nullopt;
    collect_descriptors(header, message.descriptors);
    const auto size = static_cast<std::size_t>(count);
    if (size < sizeof(message.type) || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        return base::fail(base::ErrorCode::kCorrupt, "a worker sent a malformed message");
    }
    std::memcpy(&message.type, buffer.data(), sizeof(message.type));
    message.payload.assign(buffer, sizeof(message.type), size - sizeof(message.type));
    return message;
}

}  // namespace vmsecurity::sandbox
