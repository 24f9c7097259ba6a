#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace vmsecurity::sql {

// Prepared statements by key, the least recently used leaving first. Pointers to entries live until
// the entry leaves.
template <typename Prepared>
class StatementCache {
  public:
    explicit StatementCache(std::size_t capacity) : capacity_(capacity) {}

    Prepared* find(std::string_view key) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->second;
    }

    // Adds what find() did not find. The second value is what had to leave for it.
    std::pair<Prepared*, std::optional<Prepared>> insert(std::string_view key, Prepared prepared) {
        std::optional<Prepared> evicted;
        if (entries_.size() >= capacity_ && !entries_.empty()) {
            index_.erase(entries_.back().first);
            evicted = std::move(entries_.back().second);
            entries_.pop_back();
        }
        entries_.emplace_front(std::string(key), std::move(prepared));
        index_.emplace(entries_.front().first, entries_.begin());
        return {&entries_.front().second, std::move(evicted)};
    }

    void clear() {
        index_.clear();
        entries_.clear();
    }

  private:
    using Entries = std::list<std::pair<std::string, Prepared>>;

    std::size_t capacity_;
    Entries entries_;
    std::unordered_map<std::string_view, typename Entries::iterator> index_;  // views into entries_
};

}  // namespace vmsecurity::sql
