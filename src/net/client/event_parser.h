#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace vmsecurity::net {

struct ServerEvent {
    std::string id;     // the last that was given, of this event or an earlier one
    std::string event;  // "message" where none was given
    std::string data;   // lines joined by \n
};

// Takes a stream of server-sent events apart (WHATWG HTML §9.2.6), fed with pieces of any size.
class EventParser {
  public:
    static constexpr std::size_t kMaxEventBytes = 1 << 20;

    // Calls `on_event` for each event that ends in `bytes`. False: it answered false, or an event
    // is larger than kMaxEventBytes.
    bool feed(std::string_view bytes, const std::function<bool(const ServerEvent&)>& on_event);
    // Of the last event, or of an id alone, that has come to its end: where to go on.
    const std::string& last_id() const { return id_; }

  private:
    bool take_line(std::string_view line, const std::function<bool(const ServerEvent&)>& on_event);

    std::string line_;
    std::string id_;
    std::string next_id_;  // of the event that has begun
    std::string event_;
    std::string data_;
    bool has_data_ = false;
    bool after_return_ = false;  // a \n now is the rest of \r\n
};

}  // namespace vmsecurity::net
