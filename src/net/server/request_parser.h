#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http/message.h"

namespace vmsecurity::net {

// What a request cannot be read for, as it is answered.
struct Refusal {
    int status = 400;
    std::string message;
};

// One request of a connection, fed with bytes as they come (RFC 9112). Strict where leniency lets
// two servers see two different requests: no folded fields, never both Content-Length and
// Transfer-Encoding, no coding but chunked, one Host.
class RequestParser {
  public:
    explicit RequestParser(std::size_t header_limit);
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    // Forgets the last request.
    void reset();

    // The bytes from the beginning of the request on, all that are not yet used. Answers how many
    // of them the head takes (blank lines before it too), 0 if there is not all of it, or a
    // Refusal. Give it the same bytes and more the next time.
    tl::expected<std::size_t, Refusal> parse_head(std::string_view bytes);

    // Once parse_head() has answered a number: the method, target and fields (moved out once).
    Method method() const;
    std::string take_target();
    Headers take_headers();
    bool keep_alive() const;  // as the client wishes
    bool is_http_1_0() const;
    // Of the body, where the client said; none for a chunked one.
    std::optional<std::uint64_t> content_length() const;

    bool is_done() const;  // the body was read to its end, or there is none
    // Feeds bytes of the body; appends what is content to `body`. Answers how many were used, 0 for
    // "needs more than this". Trailer fields are dropped.
    tl::expected<std::size_t, Refusal> parse_body(std::string_view bytes, std::string& body);

  private:
    struct State;  // keeps Beast out of this header
    std::unique_ptr<State> state_;
};

}  // namespace vmsecurity::net
