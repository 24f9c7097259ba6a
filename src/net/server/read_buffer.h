#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace vmsecurity::net {

// Bytes received and not yet used, in one piece. Grows only when asked for more than fits, and
// gives its memory back when it is empty and told to.
class ReadBuffer {
  public:
    std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    std::size_t size() const { return end_ - begin_; }

    void consume(std::size_t count) {
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    // Room for at least `count` more bytes, and how much there is.
    std::pair<char*, std::size_t> prepare(std::size_t count) {
        if (capacity_ - end_ < count) make_room(count);
        return {bytes_.get() + end_, capacity_ - end_};
    }
    void commit(std::size_t count) { end_ += count; }
    void release() {
        if (!empty()) return;
        bytes_.reset();
        capacity_ = 0;
    }

  private:
    void make_room(std::size_t count) {
        const std::size_t held = size();
        if (capacity_ - held >= count) {
            std::memmove(bytes_.get(), bytes_.get() + begin_, held);
        } else {
            const std::size_t wanted = held + count;
            auto larger = std::make_unique_for_overwrite<char[]>(wanted);
            if (held > 0) std::memcpy(larger.get(), bytes_.get() + begin_, held);
            bytes_ = std::move(larger);
            capacity_ = wanted;
        }
        begin_ = 0;
        end_ = held;
    }

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

}  // namespace vmsecurity::net
