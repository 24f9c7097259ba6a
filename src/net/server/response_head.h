#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "net/http/message.h"

namespace vmsecurity::net {

// How the end of a body is told (RFC 9112 §6).
enum class Framing : std::uint8_t { kNone, kLength, kChunked, kUntilClose };

struct ResponseHead {
    int status = 200;
    Framing framing = Framing::kNone;
    std::uint64_t length = 0;  // with kLength
    bool close = false;        // says "Connection: close"
    bool keep_alive = false;   // says "Connection: keep-alive", which HTTP/1.0 needs to hear
    std::string_view request_id;
    std::string_view date;
};

// Appends status line and fields. Fields of the handler that would speak against the server's own
// (Content-Length, Transfer-Encoding, Connection, Date, …) are left out, and bytes that would end a
// field early become spaces.
void append_head(std::string& out, const ResponseHead& head, const Headers& headers);

// Whether an answer with this status has a body at all (RFC 9110 §6.4.1).
inline bool has_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7) of now, made anew once a second. One a thread.
class DateClock {
  public:
    std::string_view now();

  private:
    std::time_t second_ = -1;
    std::string text_;
};

}  // namespace vmsecurity::net
