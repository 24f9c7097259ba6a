#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "filesystem/file_system.h"
#include "scan/protocol/messages.h"
#include "scan/walk/credit.h"

namespace vmsecurity::scan::walk {

// Takes a full batch and the sealed memory file (memfd_create(2), F_SEAL_*) of its contents.
using BatchConsumer =
    std::function<base::Result<void>(const protocol::Batch&, const base::FileDescriptor&)>;

// Collects the contents of wanted files, one after another, and hands them on when enough are
// together. Belongs to one thread, which must flush() before it waits for anything: an unfinished
// batch holds credit that others may need.
class BatchWriter {
  public:
    static constexpr std::uint64_t kTargetBytes = 1 << 20;
    static constexpr std::size_t kTargetMessageBytes = 48 * 1024;
    static constexpr std::size_t kTargetUnits = 256;

    // `bytes_read` counts what is read, as it is read.
    BatchWriter(std::uint32_t volume, CreditAccount& credit, std::atomic<std::uint64_t>& bytes_read,
                BatchConsumer consumer);

    // Copies the first `length` bytes of `file` (fewer if it ends before) and queues `entry`, whose
    // units ask for so many bytes at most (0: all). The answer is the number of bytes copied. After
    // an error nothing of the file is queued.
    base::Result<std::uint64_t> add(protocol::BatchEntry entry, filesystem::FileReader& file,
                                    std::uint64_t length);
    base::Result<void> flush();

  private:
    base::Result<void> reserve(std::uint64_t bytes);
    base::Result<std::uint64_t> copy(filesystem::FileReader& file, std::uint64_t length);
    base::Result<void> spill();
    void forget();

    std::uint32_t volume_;
    CreditAccount& credit_;
    std::atomic<std::uint64_t>& bytes_read_;
    BatchConsumer consumer_;
    protocol::Batch batch_;
    std::uint64_t reserved_ = 0;  // of credit_, for this batch
    std::size_t message_bytes_ = 0;
    std::size_t units_ = 0;
    std::string buffer_;  // content that is not in the memory file yet
    base::FileDescriptor memory_;
    std::uint64_t spilled_ = 0;  // bytes in the memory file
};

}  // namespace vmsecurity::scan::walk
