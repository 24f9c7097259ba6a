#include "scan/walk/batch_writer.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

namespace vmsecurity::scan::walk {
namespace {

constexpr std::size_t kEntryOverhead = 128;  // bytes of an entry's message without its path

}  // namespace

BatchWriter::BatchWriter(std::uint32_t volume, CreditAccount& credit,
                         std::atomic<std::uint64_t>& bytes_read, BatchConsumer consumer)
    : volume_(volume), credit_(credit), bytes_read_(bytes_read), consumer_(std::move(consumer)) {
    batch_.volume = volume;
}

base::Result<std::uint64_t> BatchWriter::add(protocol::BatchEntry entry,
                                             filesystem::FileReader& file, std::uint64_t length) {
    const std::size_t entry_bytes = kEntryOverhead + entry.path.size() + 16 * entry.units.size();
    if (batch_.bytes + length > kTargetBytes ||
        message_bytes_ + entry_bytes > kTargetMessageBytes ||
        units_ + entry.units.size() > kTargetUnits) {
        VMSECURITY_TRY(flush());
    }
    if (reserved_ == 0) VMSECURITY_TRY(reserve(std::max(length, kTargetBytes)));

    const std::uint64_t offset = batch_.bytes;
    const auto copied = copy(file, length);
    if (!copied) {
        // Only a file that is alone in its batch can have been spilled in part.
        if (spilled_ > offset) {
            forget();
        } else {
            buffer_.resize(static_cast<std::size_t>(offset - spilled_));
        }
        return base::fail(copied.error());
    }
    entry.offset = offset;
    for (protocol::Unit& unit : entry.units) {
        unit.length = unit.length == 0 ? *copied : std::min(unit.length, *copied);
    }
    batch_.bytes += *copied;
    message_bytes_ += entry_bytes;
    units_ += entry.units.size();
    batch_.entries.push_back(std::move(entry));
    if (batch_.bytes >= kTargetBytes) VMSECURITY_TRY(flush());
    return *copied;
}

base::Result<void> BatchWriter::reserve(std::uint64_t bytes) {
    if (!credit_.reserve(bytes)) {
        return base::fail(base::ErrorCode::kCancelled, "the walk was stopped");
    }
    reserved_ = bytes;
    return {};
}

base::Result<std::uint64_t> BatchWriter::copy(filesystem::FileReader& file, std::uint64_t length) {
    std::uint64_t copied = 0;
    while (copied < length) {
        const std::size_t before = buffer_.size();
        const std::uint64_t piece = std::min(length - copied, kTargetBytes);
        buffer_.resize(before + static_cast<std::size_t>(piece));
        const auto count =
            file.read(copied, std::as_writable_bytes(std::span(buffer_)).subspan(before));
        buffer_.resize(before + (count ? *count : 0));
        if (!count) return base::fail(count.error());
        if (*count == 0) break;
        copied += *count;
        bytes_read_ += *count;
        if (buffer_.size() >= kTargetBytes) VMSECURITY_TRY(spill());
    }
    return copied;
}

base::Result<void> BatchWriter::spill() {
    if (!memory_.valid()) {
        memory_ = base::FileDescriptor(
            ::memfd_create("vmsecurity-batch", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        if (!memory_.valid()) {
            return base::fail(base::system_error(errno, "cannot make a memory file"));
        }
    }
    VMSECURITY_TRY(base::write_all(memory_.get(), base::as_bytes(buffer_)));
    spilled_ += buffer_.size();
    buffer_.clear();
    return {};
}

base::Result<void> BatchWriter::flush() {
    if (batch_.entries.empty()) {
        forget();
        return {};
    }
    VMSECURITY_TRY(spill());
    constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (::fcntl(memory_.get(), F_ADD_SEALS, kSeals) != 0) {
        return base::fail(base::system_error(errno, "cannot seal a memory file"));
    }
    // What the batch did not use goes back now, the rest when it has been analysed.
    credit_.give_back(reserved_ - std::min(reserved_, protocol::credit_for(batch_)));
    reserved_ = 0;
    const auto sent = consumer_(batch_, memory_);
    forget();
    return sent;
}

void BatchWriter::forget() {
    credit_.give_back(reserved_);
    reserved_ = 0;
    batch_ = {};
    batch_.volume = volume_;
    message_bytes_ = 0;
    units_ = 0;
    buffer_.clear();
    memory_.reset();
    spilled_ = 0;
}

}  // namespace vmsecurity::scan::walk
