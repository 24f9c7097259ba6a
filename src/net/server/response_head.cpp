#include "net/server/response_head.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "net/http/status.h"

namespace vmsecurity::net {
namespace {

bool is_the_servers(std::string_view name) {
    static constexpr std::array<std::string_view, 8> kNames{
        "Content-Length", "Transfer-Encoding", "Connection", "Date",
        "Keep-Alive",     "Upgrade",           "Trailer",    "X-Request-Id"};
    for (const std::string_view one : kNames) {
        if (name.size() == one.size() && equals_ignoring_case(name, one)) return true;
    }
    return false;
}

void append_safely(std::string& out, std::string_view text) {
    const std::size_t start = out.size();
    out.append(text);
    for (std::size_t i = start; i < out.size(); ++i) {
        if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
    }
}

}  // namespace

void append_head(std::string& out, const ResponseHead& head, const Headers& headers) {
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: ", head.status,
                   reason_phrase(head.status));
    out.append(head.date).append("\r\n");
    for (const auto& [name, value] : headers.all()) {
        if (name.empty() || is_the_servers(name)) continue;
        append_safely(out, name);
        out.append(": ");
        append_safely(out, value);
        out.append("\r\n");
    }
    if (!head.request_id.empty()) {
        out.append("X-Request-Id: ").append(head.request_id).append("\r\n");
    }
    if (head.framing == Framing::kLength) {
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", head.length);
    } else if (head.framing == Framing::kChunked) {
        out.append("Transfer-Encoding: chunked\r\n");
    }
    if (head.close) {
        out.append("Connection: close\r\n");
    } else if (head.keep_alive) {
        out.append("Connection: keep-alive\r\n");
    }
    out.append("\r\n");
}

std::string_view DateClock::now() {
    const std::time_t second = std::time(nullptr);
    if (second != second_) {
        static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                               "Thu", "Fri", "Sat"};
        static constexpr std::array<std::string_view, 12> kMonths{
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        std::tm parts{};
        ::gmtime_r(&second, &parts);
        text_ = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                            kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                            kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                            parts.tm_hour, parts.tm_min, parts.tm_sec);
        second_ = second;
    }
    return text_;
}

}  // namespace vmsecurity::net
