#include "net/server/event_exchange.h"

#include <utility>

namespace vmsecurity::net {
namespace {

// "name: text", a line for each line of `text`. A carriage return ends a line too.
void append_field(std::string& out, std::string_view name, std::string_view text) {
    while (true) {
        const std::size_t end = text.find_first_of("\r\n");
        out.append(name).append(": ").append(text.substr(0, end)).push_back('\n');
        if (end == std::string_view::npos) return;
        text.remove_prefix(text.substr(end, 2) == "\r\n" ? end + 2 : end + 1);
    }
}

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find_first_of(std::string_view("\r\n\0", 3)));
}

}  // namespace

bool EventQueue::push(std::string_view id, std::string_view event, std::string_view data) {
    std::string text;
    text.reserve(id.size() + event.size() + data.size() + 32);
    if (!id.empty()) append_field(text, "id", first_line(id));
    if (!event.empty()) append_field(text, "event", first_line(event));
    append_field(text, "data", data);
    text.push_back('\n');
    return append(text);
}

bool EventQueue::place(std::string_view id) {
    std::string text;
    append_field(text, "id", first_line(id));
    text.push_back('\n');
    return append(text);
}

bool EventQueue::comment(std::string_view text) {
    std::string line;
    append_field(line, "", text);
    line.push_back('\n');
    return append(line);
}

bool EventQueue::append(std::string_view text) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_ || overflowed_) return false;
        overflowed_ = bytes_.size() + text.size() > capacity_;
        if (!overflowed_) bytes_ += text;
    }
    wakeup_->wake();
    const std::lock_guard lock(mutex_);
    return !overflowed_;
}

void EventQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    wakeup_->wake();
}

EventQueue::Taken EventQueue::take() {
    const std::lock_guard lock(mutex_);
    return {std::exchange(bytes_, {}), closed_, overflowed_};
}

void EventQueue::drop() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    bytes_ = {};
}

EventExchange::EventExchange(std::shared_ptr<Request> request, std::shared_ptr<const Route> route,
                             const ServerOptions& options, const std::shared_ptr<Wakeup>& wakeup)
    : Exchange(std::move(request), std::move(route), options, wakeup),
      queue_(std::make_shared<EventQueue>(options.limits.event_bytes, wakeup)) {}

void EventExchange::abandon() {
    Exchange::abandon();
    queue_->drop();
}

void EventExchange::call() {
    if (!decode_body(response_)) return;
    response_ = route().handler.events(request(), queue_);
}

}  // namespace vmsecurity::net
