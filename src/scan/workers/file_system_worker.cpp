#include <malloc.h>
#include <poll.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "sandbox/confine.h"
#include "sandbox/worker_process.h"
#include "scan/protocol/transport.h"
#include "scan/walk/walker.h"
#include "scan/workers/give_up.h"
#include "scan/workers/roles.h"
#include "scan/workers/target.h"

namespace vmsecurity::scan::workers {
namespace {

using protocol::MessageType;
using protocol::send;
using protocol::type_of;

constexpr int kProgressIntervalMilliseconds = 100;
constexpr std::uint32_t kOpenFiles = 512;

// Asks the supervisor for a backing file; the worker itself can open nothing.
class RemoteSiblings final : public disk::SiblingOpener {
  public:
    explicit RemoteSiblings(const sandbox::Channel& channel) : channel_(channel) {}

    base::Result<base::FileDescriptor> open_sibling(std::string_view name) override {
        VMSECURITY_TRY(channel_.send(static_cast<std::uint32_t>(MessageType::kOpenSibling), name));
        VMSECURITY_ASSIGN(auto message, channel_.receive());
        if (!message || type_of(*message) != MessageType::kSiblingReply) {
            return base::fail(base::ErrorCode::kUnavailable, "the supervisor did not answer");
        }
        VMSECURITY_ASSIGN(const auto reply,
                          protocol::decode<protocol::SiblingReply>(message->payload));
        if (!reply.opened || message->descriptors.empty()) return base::fail(reply.error);
        return std::move(message->descriptors.front());
    }

  private:
    const sandbox::Channel& channel_;
};

base::Result<void> send_coverage(const sandbox::Channel& channel,
                                 std::vector<model::CoverageEntry> entries) {
    constexpr std::size_t kMessageBytes = 64 * 1024;
    constexpr std::size_t kMaxText = 6000;  // PATH_MAX with some bytes escaped
    protocol::CoverageReport report;
    std::size_t bytes = 0;
    for (model::CoverageEntry& entry : entries) {
        if (entry.name.size() > kMaxText) entry.name.resize(kMaxText);
        if (entry.reason.size() > kMaxText) entry.reason.resize(kMaxText);
        const std::size_t size = entry.name.size() + entry.reason.size() + 32;
        if (bytes + size > kMessageBytes) {
            VMSECURITY_TRY(send(channel, MessageType::kCoverage, report));
            report.entries.clear();
            bytes = 0;
        }
        bytes += size;
        report.entries.push_back(std::move(entry));
    }
    if (report.entries.empty()) return {};
    return send(channel, MessageType::kCoverage, report);
}

// One walk and the thread it runs in; the main thread stays at the channel.
class RunningWalk {
  public:
    static base::Result<std::unique_ptr<RunningWalk>> start(
        const sandbox::Channel& channel, const filesystem::FileSystem& file_system,
        protocol::WalkRequest request) {
        auto walk = std::unique_ptr<RunningWalk>(new RunningWalk(channel, std::move(request)));
        VMSECURITY_ASSIGN(
            walk->walker_,
            walk::Walker::make(
                file_system, walk->request_,
                [&channel](const protocol::Batch& batch, const base::FileDescriptor& contents) {
                    return send(channel, MessageType::kBatch, batch, {contents.get()});
                }));
        walk->thread_ = std::jthread([self = walk.get()] { self->run(); });
        return walk;
    }
    ~RunningWalk() {
        if (walker_) walker_->stop();
    }
    RunningWalk(const RunningWalk&) = delete;
    RunningWalk& operator=(const RunningWalk&) = delete;

    void give_back(std::uint64_t bytes) { walker_->give_back(bytes); }
    base::Result<void> report() {
        // Nothing may follow the walk's last message: the supervisor takes it for the end.
        const std::lock_guard lock(reporting_);
        if (finished_) return {};
        VMSECURITY_TRY(send_coverage(channel_, walker_->take_coverage()));
        return send(channel_, MessageType::kProgress, walker_->progress());
    }

  private:
    RunningWalk(const sandbox::Channel& channel, protocol::WalkRequest request)
        : channel_(channel), request_(std::move(request)) {}

    void run() {
        const auto done = walker_->run();
        const std::lock_guard lock(reporting_);
        finished_ = true;
        // A supervisor that is gone needs no answer; the main thread meets the closed channel.
        (void)send_coverage(channel_, walker_->take_coverage());
        if (done) {
            (void)send(channel_, MessageType::kWalkDone, *done);
        } else {
            (void)send(channel_, MessageType::kWalkFailed, protocol::Failure{done.error()});
        }
    }

    const sandbox::Channel& channel_;
    protocol::WalkRequest request_;
    std::unique_ptr<walk::Walker> walker_;
    std::mutex reporting_;
    bool finished_ = false;
    std::jthread thread_;  // last: joined before the rest goes
};

base::Result<void> serve(const sandbox::Channel& channel, const Target& target) {
    std::unique_ptr<RunningWalk> walk;
    for (;;) {
        pollfd readable{channel.descriptor(), POLLIN, 0};
        if (::poll(&readable, 1, walk ? kProgressIntervalMilliseconds : -1) == 0) {
            VMSECURITY_TRY(walk->report());
            continue;
        }
        VMSECURITY_ASSIGN(auto message, channel.receive());
        if (!message) return {};
        if (type_of(*message) == MessageType::kCredit) {
            VMSECURITY_ASSIGN(const auto credit,
                              protocol::decode<protocol::Credit>(message->payload));
            if (walk) walk->give_back(credit.bytes);
            continue;
        }
        VMSECURITY_ASSIGN(auto request, protocol::decode<protocol::WalkRequest>(message->payload));
        const filesystem::FileSystem* file_system = target.file_system(request.volume);
        walk.reset();
        if (file_system == nullptr) {
            return base::fail(base::ErrorCode::kInvalidArgument, "no such volume");
        }
        VMSECURITY_ASSIGN(walk, RunningWalk::start(channel, *file_system, std::move(request)));
    }
}

base::Result<void> run(const sandbox::Channel& channel) {
    VMSECURITY_ASSIGN(auto first, channel.receive());
    if (!first) return {};
    VMSECURITY_ASSIGN(const auto request, protocol::decode<protocol::OpenTarget>(first->payload));
    if (first->descriptors.size() != 1) {
        return base::fail(base::ErrorCode::kCorrupt, "the target came without a descriptor");
    }
    base::FileDescriptor descriptor = std::move(first->descriptors.front());
    const bool directory = request.kind == protocol::TargetKind::kDirectory;
    VMSECURITY_ASSIGN(const auto layers,
                      sandbox::confine({.readable_directory = directory ? descriptor.get() : -1,
                                        .threads = true,
                                        .address_space = request.address_space,
                                        .memory_file_size = request.batch_bytes,
                                        .open_files = kOpenFiles}));
    VMSECURITY_TRY(channel.send(static_cast<std::uint32_t>(MessageType::kWorkerReady), layers));

    RemoteSiblings siblings(channel);
    const auto target = Target::open(request, std::move(descriptor), siblings);
    if (!target) {
        return send(channel, MessageType::kTargetFailed, protocol::Failure{target.error()});
    }
    // A damaged partition table can have thousands of problems; they go ahead in messages of
    // bounded size.
    protocol::OpenedTarget description = target->description();
    VMSECURITY_TRY(send_coverage(channel, std::exchange(description.coverage, {})));
    VMSECURITY_TRY(send(channel, MessageType::kTargetOpened, description));
    return serve(channel, *target);
}

}  // namespace

int run_file_system_worker() {
    // A heap for each of many threads would cost more memory than their short lock waits save time.
    ::mallopt(M_ARENA_MAX, 2);
    const auto channel = sandbox::attach_to_supervisor();
    if (!channel) {
        std::fprintf(stderr, "%s\n", channel.error().describe().c_str());
        return 1;
    }
    if (auto done = run(*channel); !done && done.error().code != base::ErrorCode::kUnavailable) {
        return give_up(*channel, done.error());
    }
    return 0;
}

}  // namespace vmsecurity::scan::workers
