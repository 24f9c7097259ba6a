#include "net/client/event_parser.h"

#include <utility>

namespace vmsecurity::net {

bool EventParser::feed(std::string_view bytes,
                       const std::function<bool(const ServerEvent&)>& on_event) {
    while (!bytes.empty()) {
        if (std::exchange(after_return_, false) && bytes.front() == '\n') bytes.remove_prefix(1);
        const std::size_t end = bytes.find_first_of("\r\n");
        line_ += bytes.substr(0, end);
        if (line_.size() + data_.size() > kMaxEventBytes) return false;
        if (end == std::string_view::npos) return true;
        after_return_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        const std::string line = std::exchange(line_, {});
        if (!take_line(line, on_event)) return false;
    }
    return true;
}

bool EventParser::take_line(std::string_view line,
                            const std::function<bool(const ServerEvent&)>& on_event) {
    if (line.empty()) {
        id_ = next_id_;
        std::string event = std::exchange(event_, {});
        std::string data = std::exchange(data_, {});
        if (!std::exchange(has_data_, false)) return true;
        return on_event({id_, event.empty() ? "message" : std::move(event), std::move(data)});
    }
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value =
        colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "data") {
        if (std::exchange(has_data_, true)) data_.push_back('\n');
        data_ += value;
    } else if (name == "event") {
        event_ = value;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
        next_id_ = value;
    }
    return true;
}

}  // namespace vmsecurity::net
