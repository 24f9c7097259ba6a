#include "net/server/request_parser.h"

#include <fmt/format.h>

#include <algorithm>

#include <boost/beast/http/basic_parser.hpp>

#include "net/http/message.h"

namespace vmsecurity::net {
namespace {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using Text = boost::beast::string_view;

std::string_view view(Text text) {
    return {text.data(), text.size()};
}

Method method_of(http::verb verb) {
    switch (verb) {
        case http::verb::get:
            return Method::kGet;
        case http::verb::head:
            return Method::kHead;
        case http::verb::post:
            return Method::kPost;
        case http::verb::put:
            return Method::kPut;
        case http::verb::patch:
            return Method::kPatch;
        case http::verb::delete_:
            return Method::kDelete;
        case http::verb::options:
            return Method::kOptions;
        default:
            return Method::kOther;
    }
}

// Beast's grammar, with our containers.
class Message final : public http::basic_parser<true> {
  public:
    Method method = Method::kOther;
    std::string target;
    int version = 11;
    Headers headers;
    std::string* body = nullptr;  // where content goes during put()

  private:
    void on_request_impl(http::verb verb, Text, Text request_target, int request_version,
                         ErrorCode&) override {
        method = method_of(verb);
        target.assign(request_target.data(), request_target.size());
        version = request_version;
    }
    void on_field_impl(http::field, Text name, Text value, ErrorCode&) override {
        if (is_header_done()) return;  // of the trailer
        headers.add(view(name), std::string(view(value)));
    }
    std::size_t on_body_impl(Text content, ErrorCode&) override { return take(content); }
    std::size_t on_chunk_body_impl(std::uint64_t, Text content, ErrorCode&) override {
        return take(content);
    }
    std::size_t take(Text content) {
        body->append(content.data(), content.size());
        return content.size();
    }
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    void on_chunk_header_impl(std::uint64_t, Text, ErrorCode&) override {}
    void on_finish_impl(ErrorCode&) override {}
    void on_response_impl(int, Text, int, ErrorCode&) override {}
};

tl::unexpected<Refusal> refuse(int status, std::string message) {
    return tl::unexpected<Refusal>(Refusal{status, std::move(message)});
}

// What a whole head must not hold beyond Beast's own checks.
std::optional<Refusal> check(const Message& message, std::string_view head) {
    for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
        if (head[at + 2] == ' ' || head[at + 2] == '\t') {
            return Refusal{400, "a header field may not go on in a second line"};
        }
    }
    std::size_t hosts = 0;
    std::size_t codings = 0;
    bool has_length = false;
    for (const auto& [name, value] : message.headers.all()) {
        if (equals_ignoring_case(name, "Host")) {
            ++hosts;
        } else if (equals_ignoring_case(name, "Content-Length")) {
            has_length = true;
        } else if (equals_ignoring_case(name, "Transfer-Encoding")) {
            ++codings;
            if (!equals_ignoring_case(value, "chunked")) {
                return Refusal{501, "the only transfer encoding that is understood is chunked"};
            }
        }
    }
    if (hosts > 1 || (hosts == 0 && message.version >= 11)) {
        return Refusal{400, "a request has exactly one Host"};
    }
    if (codings > 1 || (codings == 1 && has_length)) {
        return Refusal{400, "a request has one Content-Length or one Transfer-Encoding"};
    }
    if (codings == 1 && message.version < 11) {
        return Refusal{400, "HTTP/1.0 has no Transfer-Encoding"};
    }
    return std::nullopt;
}

// A head begins with a token, so that a client that speaks something else (TLS, say) is told at
// once instead of after a timeout.
bool may_begin_head(std::string_view bytes) {
    return (bytes[0] >= 'A' && bytes[0] <= 'Z') || (bytes[0] >= 'a' && bytes[0] <= 'z');
}

}  // namespace

struct RequestParser::State {
    std::size_t header_limit;
    std::size_t searched = 0;  // the end of the head does not begin before this
    std::optional<Message> message;
};

RequestParser::RequestParser(std::size_t header_limit)
    : state_(std::make_unique<State>(State{header_limit, 0, std::nullopt})) {}
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
    state_->searched = 0;
    state_->message.reset();
}

tl::expected<std::size_t, Refusal> RequestParser::parse_head(std::string_view bytes) {
    // Beast would take the head in pieces; whole, its size and its folds can be seen.
    const std::size_t begin = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    const std::string_view rest = bytes.substr(begin);
    if (begin > 16) return refuse(400, "there are too many blank lines before the request");
    if (rest.empty()) return 0;
    if (!may_begin_head(rest)) return refuse(400, "this is not an HTTP request");
    const std::size_t end = rest.find("\r\n\r\n", state_->searched);
    const std::size_t size = end == std::string_view::npos ? rest.size() : end + 4;
    if (size > state_->header_limit) {
        return rest.substr(0, state_->header_limit).find("\r\n") == std::string_view::npos
                   ? refuse(414, "the address of the request is too long")
                   : refuse(431, fmt::format("the header of a request may have {} bytes",
                                             state_->header_limit));
    }
    if (end == std::string_view::npos) {
        state_->searched = rest.size() - std::min<std::size_t>(rest.size(), 3);
        return 0;
    }
    Message& message = state_->message.emplace();
    message.header_limit(static_cast<std::uint32_t>(state_->header_limit));
    message.body_limit(boost::none);
    ErrorCode error;
    const std::size_t used = message.put({rest.data(), size}, error);
    if (error || !message.is_header_done() || used != size) {
        return refuse(error == http::error::bad_version ? 505 : 400,
                      fmt::format("the request is malformed: {}", error.message()));
    }
    if (auto refusal = check(message, rest.substr(0, size))) {
        return tl::unexpected<Refusal>(std::move(*refusal));
    }
    return begin + size;
}

Method RequestParser::method() const {
    return state_->message->method;
}
std::string RequestParser::take_target() {
    return std::move(state_->message->target);
}
Headers RequestParser::take_headers() {
    return std::move(state_->message->headers);
}
bool RequestParser::keep_alive() const {
    return state_->message->keep_alive();
}
bool RequestParser::is_http_1_0() const {
    return state_->message->version < 11;
}
std::optional<std::uint64_t> RequestParser::content_length() const {
    const auto length = state_->message->content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}
bool RequestParser::is_done() const {
    return state_->message->is_done();
}

tl::expected<std::size_t, Refusal> RequestParser::parse_body(std::string_view bytes,
                                                             std::string& body) {
    Message& message = *state_->message;
    message.body = &body;
    std::size_t used = 0;
    while (used < bytes.size() && !message.is_done()) {
        ErrorCode error;
        used += message.put({bytes.data() + used, bytes.size() - used}, error);
        if (error == http::error::need_more) break;
        if (error) return refuse(400, fmt::format("the body is malformed: {}", error.message()));
    }
    return used;
}

}  // namespace vmsecurity::net
