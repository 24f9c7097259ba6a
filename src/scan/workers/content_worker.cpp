#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <exception>

#include "base/text.h"
#include "sandbox/confine.h"
#include "sandbox/worker_process.h"
#include "scan/protocol/transport.h"
#include "scan/workers/give_up.h"
#include "scan/workers/roles.h"

namespace vmsecurity::scan::workers {
namespace {

using protocol::MessageType;
using protocol::send;

// A batch's contents, mapped read only.
class MappedBatch {
  public:
    static base::Result<MappedBatch> map(int descriptor, std::uint64_t size) {
        // Without the seal the other end could cut the file and make reading it a bus error.
        struct stat status{};
        const int seals = ::fcntl(descriptor, F_GET_SEALS);
        if (::fstat(descriptor, &status) != 0 || seals < 0 || (seals & F_SEAL_SHRINK) == 0 ||
            static_cast<std::uint64_t>(status.st_size) < size) {
            return base::fail(base::ErrorCode::kCorrupt, "a batch of files has no sealed contents");
        }
        MappedBatch batch;
        if (size == 0) return batch;
        void* const address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (address == MAP_FAILED) {
            return base::fail(base::system_error(errno, "cannot map the contents of a batch"));
        }
        batch.address_ = address;
        batch.size_ = size;
        return batch;
    }
    MappedBatch(MappedBatch&& other) noexcept
        : address_(std::exchange(other.address_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    MappedBatch& operator=(MappedBatch&&) = delete;
    MappedBatch(const MappedBatch&) = delete;
    MappedBatch& operator=(const MappedBatch&) = delete;
    ~MappedBatch() {
        if (size_ > 0) ::munmap(address_, size_);
    }

    base::Result<base::ByteSpan> part(std::uint64_t offset, std::uint64_t length) const {
        const base::ByteSpan bytes{static_cast<const std::byte*>(address_), size_};
        if (offset > bytes.size() || length > bytes.size() - offset) {
            return base::fail(base::ErrorCode::kCorrupt, "a file lies outside its batch");
        }
        return bytes.subspan(offset, length);
    }

  private:
    MappedBatch() = default;
    void* address_ = nullptr;
    std::size_t size_ = 0;
};

// Sends records in messages as full as they may be.
class ChannelSink final : public Sink {
  public:
    ChannelSink(const sandbox::Channel& channel, std::uint64_t job) : channel_(channel) {
        list_.job = job;
    }
    void begin(std::uint32_t unit) {
        unit_ = unit;
        oversized_ = 0;
    }
    void emit(std::string_view kind, std::string_view payload) override {
        if (payload.size() > kMaxRecordSize) {
            ++oversized_;
            return;
        }
        add({unit_, false, std::string(kind), std::string(payload)});
    }
    void problem(std::string_view reason) override {
        constexpr std::size_t kMaxReason = 500;
        add({unit_, true, {}, base::escape_bytes(reason.substr(0, kMaxReason))});
    }
    base::Result<void> flush() {
        if (oversized_ > 0) {
            problem(fmt::format("{} records of more than {} bytes were dropped",
                                std::exchange(oversized_, 0), kMaxRecordSize));
        }
        if (list_.items.empty()) return status_;
        auto sent = send(channel_, MessageType::kRecords, list_);
        if (!sent && status_) status_ = std::move(sent);
        list_.items.clear();
        bytes_ = 0;
        return status_;
    }

  private:
    static constexpr std::size_t kMessageBytes = 64 * 1024;
    static constexpr std::size_t kItemOverhead = 16;

    void add(protocol::RecordList::Item item) {
        const std::size_t size = kItemOverhead + item.kind.size() + item.payload.size();
        if (bytes_ + size > kMessageBytes) {
            const auto sent = send(channel_, MessageType::kRecords, list_);
            if (!sent && status_) status_ = sent;
            list_.items.clear();
            bytes_ = 0;
        }
        bytes_ += size;
        list_.items.push_back(std::move(item));
    }

    const sandbox::Channel& channel_;
    protocol::RecordList list_;
    std::size_t bytes_ = 0;
    std::uint32_t unit_ = 0;
    std::uint64_t oversized_ = 0;
    base::Result<void> status_;
};

base::Result<void> analyze(const Analyzer& analyzer, const File& file, Sink& sink) {
    try {
        return analyzer.analyze(file, sink);
    } catch (const std::bad_alloc&) {
        return base::fail(base::ErrorCode::kLimitExceeded,
                          "the analyzer needed more memory than a worker may have");
    } catch (const std::exception& exception) {
        return base::fail(base::ErrorCode::kInternal, "the analyzer failed", {}, exception.what());
    }
}

base::Result<void> run_job(const sandbox::Channel& channel,
                           const std::vector<std::unique_ptr<Analyzer>>& analyzers,
                           sandbox::Message message) {
    VMSECURITY_ASSIGN(const auto job, protocol::decode<protocol::Job>(message.payload));
    if (message.descriptors.size() != 1) {
        return base::fail(base::ErrorCode::kCorrupt, "a job came without its contents");
    }
    VMSECURITY_ASSIGN(const auto contents,
                      MappedBatch::map(message.descriptors[0].get(), job.batch.bytes));
    ChannelSink sink(channel, job.id);
    std::uint32_t unit = 0;
    for (const protocol::BatchEntry& entry : job.batch.entries) {
        for (const protocol::Unit& work : entry.units) {
            if (unit++ < job.first_unit) continue;
            const std::uint32_t index = unit - 1;
            protocol::UnitDone done{job.id, index, false, {}};
            const auto content = contents.part(entry.offset, work.length);
            base::Result<void> result;
            sink.begin(index);
            if (!content) {
                result = base::fail(content.error());
            } else if (work.analyzer >= analyzers.size()) {
                result = base::fail(base::ErrorCode::kCorrupt,
                                    "a file is meant for an analyzer that does not exist");
            } else {
                result =
                    analyze(*analyzers[work.analyzer], {entry.path, entry.status, *content}, sink);
            }
            if (!result) {
                done.failed = true;
                done.error = std::move(result).error();
            }
            VMSECURITY_TRY(sink.flush());
            VMSECURITY_TRY(send(channel, MessageType::kUnitDone, done));
        }
    }
    return {};
}

}  // namespace

int run_content_worker(const std::vector<std::unique_ptr<Analyzer>>& analyzers) {
    auto channel = sandbox::attach_to_supervisor();
    if (!channel) {
        std::fprintf(stderr, "%s\n", channel.error().describe().c_str());
        return 1;
    }
    // The first message is the supervisor's: how much memory this worker may have.
    auto limit = channel->receive();
    if (!limit) return give_up(*channel, limit.error());
    if (!*limit) return 0;
    const auto memory = protocol::decode<protocol::Credit>((*limit)->payload);
    if (!memory) return give_up(*channel, memory.error());
    const auto layers = sandbox::confine({.address_space = memory->bytes});
    if (!layers) return give_up(*channel, layers.error());
    if (const auto sent =
            channel->send(static_cast<std::uint32_t>(MessageType::kWorkerReady), *layers);
        !sent) {
        return 0;
    }
    for (;;) {
        auto message = channel->receive();
        if (!message) return give_up(*channel, message.error());
        if (!*message) return 0;
        if (auto done = run_job(*channel, analyzers, std::move(**message)); !done) {
            if (done.error().code == base::ErrorCode::kUnavailable) return 0;
            return give_up(*channel, done.error());
        }
    }
}

}  // namespace vmsecurity::scan::workers
