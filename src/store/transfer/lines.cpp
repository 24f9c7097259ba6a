#include "store/transfer/lines.h"

#include <algorithm>
#include <utility>

namespace vmsecurity::store::transfer {

using base::ErrorCode;

base::Result<void> LineWriter::write(std::string line) {
    line += '\n';
    hash_.update(line);
    return zstd_.write(line);
}

base::Result<void> LineWriter::finish(std::string last_line) {
    last_line += '\n';
    VMSECURITY_TRY(zstd_.write(last_line));
    return zstd_.finish();
}

// False: there is nothing more.
base::Result<bool> LineReader::fill() {
    constexpr std::size_t kPiece = std::size_t{256} << 10;
    buffer_.erase(0, begin_);
    end_ -= begin_;
    begin_ = 0;
    const std::size_t size = buffer_.size();
    if (size > kMaxLine) {
        return base::fail(ErrorCode::kLimitExceeded, "The file has a line that is too long.");
    }
    buffer_.resize(size + std::max(kPiece, size));
    auto count = zstd_.read(buffer_.data() + size, buffer_.size() - size);
    buffer_.resize(size + count.value_or(0));
    if (!count) return base::fail(std::move(count).error());
    return *count > 0;
}

base::Result<std::optional<std::string_view>> LineReader::next() {
    begin_ = end_;
    std::size_t searched = 0;
    for (;;) {
        const std::size_t found = buffer_.find('\n', begin_ + searched);
        if (found != std::string::npos) {
            end_ = found + 1;
            ++number_;
            return std::string_view(buffer_).substr(begin_, found - begin_);
        }
        searched = buffer_.size() - begin_;
        VMSECURITY_ASSIGN(const bool more, fill());
        if (more) continue;
        if (searched == 0) return std::nullopt;
        return base::fail(ErrorCode::kTruncated, "The file ends within a line.");
    }
}

}  // namespace vmsecurity::store::transfer
