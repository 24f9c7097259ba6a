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

// What a worker says ends up on terminals; it should have escaped it, and may not have.
std::optional<FileSystemClient::Event> made_printable(
    std::optional<FileSystemClient::Event> event) {
    const auto clean = [](std::string& text) { text = base::printable(std::move(text)); };
    if (!event) return event;
    if (auto* target = std::get_if<protocol::OpenedTarget>(&*event)) {
        clean(target->format);
        clean(target->scheme);
        for (std::string& name : target->backing_chain) clean(name);
        for (protocol::VolumeDescription& volume : target->volumes) {
            for (std::string* text : {&volume.name, &volume.content, &volume.file_system,
                                      &volume.uuid, &volume.label}) {
                clean(*text);
            }
            for (std::string& note : volume.notes) clean(note);
        }
    }
    if (auto* report = std::get_if<protocol::CoverageReport>(&*event)) {
        for (model::CoverageEntry& entry : report->entries) {
            clean(entry.name);
            clean(entry.reason);
        }
    }
    return event;
}

// A batch is one large file, or small ones up to a mebibyte.
constexpr std::uint64_t kBatchSlack = 2 << 20;
constexpr unsigned kMaxSiblings = 64;  // a chain of backing files has at most half as many

}  // namespace

FileSystemClient::FileSystemClient(const ScanTarget& target, FileWatch* watch,
                                   sandbox::WorkerProcess process)
    : target_(&target), watch_(watch), process_(std::move(process)) {}

base::Result<FileSystemClient> FileSystemClient::start(const ScanTarget& target,
                                                       const Options& options, FileWatch* watch) {
    VMSECURITY_ASSIGN(auto process,
                      sandbox::WorkerProcess::start(
                          options.worker_program, {std::string(protocol::kFileSystemWorkerRole)}));
    VMSECURITY_TRY(
        protocol::send(process.channel(), MessageType::kOpenTarget,
                       protocol::OpenTarget{target.kind, target.name, options.cross_mounts,
                                            options.limits.reader_memory,
                                            options.limits.max_file_size + kBatchSlack},
                       {target.descriptor.get()}));
    return FileSystemClient(target, watch, std::move(process));
}

FileSystemClient::Event FileSystemClient::next() {
    auto message = process_.channel().receive();
    if (message && *message) {
        if (auto event = translate(std::move(**message))) return std::move(*event);
    }
    if (!message || *message) return end("sent a malformed message and was ended");
    const std::string how = process_.wait().describe();
    return Ended{failure_.empty() ? how : "gave up: " + failure_};
}

FileSystemClient::Ended FileSystemClient::end(std::string reason) {
    process_.kill();
    process_.wait();
    return {std::move(reason)};
}

std::optional<FileSystemClient::Event> FileSystemClient::translate(sandbox::Message message) {
    switch (protocol::type_of(message)) {
        case MessageType::kWorkerReady:
            confinement_ = base::escape_bytes(message.payload);
            return Nothing{};
        case MessageType::kWorkerFailed:
            failure_ = base::printable(message.payload);
            return Nothing{};
        case MessageType::kOpenSibling:
            if (++siblings_ > kMaxSiblings) return std::nullopt;
            answer_sibling(message.payload);
            return Nothing{};
        case MessageType::kTargetOpened:
            return made_printable(decoded<protocol::OpenedTarget>(message));
        case MessageType::kTargetFailed:
        case MessageType::kWalkFailed:
            return decoded<protocol::Failure>(message);
        case MessageType::kProgress:
            return decoded<protocol::Progress>(message);
        case MessageType::kCoverage:
            return made_printable(decoded<protocol::CoverageReport>(message));
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
    if (file && watch_ != nullptr) {
        if (auto watched = watch_->add(file->get(), name); !watched) {
            file = base::fail(std::move(watched).error());
        }
    }
    if (file) {
        reply.opened = true;
        descriptors.push_back(file->get());
    } else {
        reply.error = file.error();
    }
    // A worker that does not read its answers is ended; that is noticed at the next receive.
    if (!protocol::send(process_.channel(), MessageType::kSiblingReply, reply, descriptors,
                        sandbox::Channel::Mode::kNow)) {
        process_.kill();
    }
}

base::Result<void> FileSystemClient::walk(const protocol::WalkRequest& request) {
    return protocol::send(process_.channel(), MessageType::kWalk, request, {},
                          sandbox::Channel::Mode::kNow);
}

void FileSystemClient::give_back(std::uint64_t bytes) {
    if (bytes > 0) {
        if (!protocol::send(process_.channel(), MessageType::kCredit, protocol::Credit{bytes}, {},
                            sandbox::Channel::Mode::kNow)) {
            process_.kill();
        }
    }
}

}  // namespace vmsecurity::scan
