#include "scan/supervisor/file_system_client.h"

#include "base/text.h"
#include "disk/disk_image.h"
#include "scan/protocol/roles.h"
#include "scan/protocol/transport.h"

namespace vmsecurity::scan {
namespace {

using protocol::MessageType;

// A decoded message as an event, or nothing if the bytes were no message.
template <typename T>
std::optional<FileSystemClient::Event> decoded(const sandbox::Message& message) {
    auto value = protocol::decode<T>(message.payload);
    if (!value) return std::nullopt;
    return FileSystemClient::Event(std::move(*value));
}

}  // namespace

FileSystemClient::FileSystemClient(const ScanTarget& target, sandbox::WorkerProcess process)
    : target_(&target), process_(std::move(process)) {}

base::Result<FileSystemClient> FileSystemClient::start(const ScanTarget& target,
                                                       const Options& options) {
    VMSECURITY_ASSIGN(auto process,
                      sandbox::WorkerProcess::start(
                          options.worker_program, {std::string(protocol::kFileSystemWorkerRole)}));
    VMSECURITY_TRY(
        protocol::send(process.channel(), MessageType::kOpenTarget,
                       protocol::OpenTarget{target.kind, target.name, options.cross_mounts},
                       {target.descriptor.get()}));
    return FileSystemClient(target, std::move(process));
}

FileSystemClient::Event FileSystemClient::next() {
    auto message = process_.channel().receive();
    if (message && *message) {
        if (auto event = translate(std::move(**message))) return std::move(*event);
        process_.kill();
        process_.wait();
        return Ended{"sent a malformed message and was ended"};
    }
    return Ended{process_.wait().describe()};
}

std::optional<FileSystemClient::Event> FileSystemClient::translate(sandbox::Message message) {
    switch (protocol::type_of(message)) {
        case MessageType::kWorkerReady:
            confinement_ = base::escape_bytes(message.payload);
            return Nothing{};
        case MessageType::kOpenSibling:
            answer_sibling(message.payload);
            return Nothing{};
        case MessageType::kTargetOpened:
            return decoded<protocol::OpenedTarget>(message);
        case MessageType::kTargetFailed:
        case MessageType::kWalkFailed:
            return decoded<protocol::Failure>(message);
        case MessageType::kProgress:
            return decoded<protocol::Progress>(message);
        case MessageType::kCoverage:
            return decoded<protocol::CoverageReport>(message);
        case MessageType::kWalkDone:
            return decoded<protocol::WalkDone>(message);
        case MessageType::kBatch: {
            auto batch = protocol::decode<protocol::Batch>(message.payload);
            if (!batch || message.descriptors.size() != 1) return std::nullopt;
            return BatchEvent{std::move(*batch), std::move(message.descriptors.front())};
        }
        default:
            return std::nullopt;
    }
}

void FileSystemClient::answer_sibling(const std::string& name) {
    protocol::SiblingReply reply;
    std::vector<int> descriptors;
    base::Result<base::FileDescriptor> file =
        target_->directory.valid() ? disk::open_beneath(target_->directory.get(), name)
                                   : base::fail(base::ErrorCode::kPermissionDenied,
                                                "this target may not refer to other files");
    if (file) {
        reply.opened = true;
        descriptors.push_back(file->get());
    } else {
        reply.error = file.error();
    }
    // A worker that is gone is noticed at the next receive.
    (void)protocol::send(process_.channel(), MessageType::kSiblingReply, reply, descriptors);
}

base::Result<void> FileSystemClient::walk(const protocol::WalkRequest& request) {
    return protocol::send(process_.channel(), MessageType::kWalk, request);
}

void FileSystemClient::give_back(std::uint64_t bytes) {
    if (bytes > 0) {
        (void)protocol::send(process_.channel(), MessageType::kCredit, protocol::Credit{bytes});
    }
}

}  // namespace vmsecurity::scan
