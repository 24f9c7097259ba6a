#include "bench/api/http_connection.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/text.h"

namespace vmsecurity::bench {
namespace {

constexpr std::string_view kLength = "\r\nContent-Length: ";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

base::Error lost(std::string what) {
    return base::system_error(errno, std::move(what), "the API server");
}

}  // namespace

std::string to_text(const HttpRequest& request) {
    std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: bench\r\n{}", request.method,
                                   request.target, request.fields);
    if (!request.body.empty()) {
        text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", request.content_type,
                            request.body.size());
    }
    return text.append("\r\n").append(request.body);
}

std::string escape_target(std::string_view target) {
    std::string escaped;
    for (const char c : target) {
        if (c == ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '#') {
            escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        } else {
            escaped += c;
        }
    }
    return escaped;
}

base::Result<HttpConnection> HttpConnection::open(std::string_view address) {
    const auto colon = address.rfind(':');
    const auto port = base::parse_unsigned(address.substr(colon + 1));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(port.value_or(0)));
    ::inet_pton(AF_INET, std::string(address.substr(0, colon)).c_str(), &name.sin_addr);
    base::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) != 0) {
        return base::fail(lost("cannot connect"));
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return HttpConnection(std::move(socket));
}

base::Result<void> HttpConnection::send(std::string_view request) {
    while (!request.empty()) {
        const ssize_t sent = ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return base::fail(lost("cannot send"));
        request.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

base::Result<std::optional<HttpAnswer>> HttpConnection::receive_some() {
    char buffer[64 << 10];
    const ssize_t count = ::recv(socket_.get(), buffer, sizeof(buffer), 0);
    if (count < 0 && errno == EINTR) return std::nullopt;
    if (count <= 0) return base::fail(lost("ended the connection"));
    received_.append(buffer, static_cast<std::size_t>(count));
    return take_answer();
}

std::optional<HttpAnswer> HttpConnection::take_answer() {
    const std::string_view text = received_;
    const auto head_end = text.find(kHeadEnd);
    if (head_end == std::string_view::npos) return std::nullopt;
    const std::string_view head = text.substr(0, head_end + 2);
    std::size_t size = 0;
    if (const auto at = head.find(kLength); at != std::string_view::npos) {
        const std::string_view rest = head.substr(at + kLength.size());
        size = base::parse_unsigned(rest.substr(0, rest.find('\r'))).value_or(0);
    }
    const std::size_t end = head_end + kHeadEnd.size() + size;
    if (text.size() < end) return std::nullopt;
    HttpAnswer answer;
    answer.status = static_cast<int>(base::parse_unsigned(head.substr(9, 3)).value_or(0));
    answer.body = received_.substr(end - size, size);
    received_.erase(0, end);
    return answer;
}

base::Result<HttpAnswer> HttpConnection::receive() {
    for (;;) {
        VMSECURITY_ASSIGN(auto answer, receive_some());
        if (answer) return std::move(*answer);
    }
}

base::Result<HttpAnswer> HttpConnection::exchange(std::string_view request) {
    VMSECURITY_TRY(send(request));
    return receive();
}

}  // namespace vmsecurity::bench
