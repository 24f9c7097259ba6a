#include "net/testing/test_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace vmsecurity::net::testing {

RawClient::RawClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
}

void RawClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;  // the server has closed; its answer says why
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool RawClient::fill() {
    char block[16384];
    const ssize_t count = ::recv(socket_.get(), block, sizeof(block), 0);
    if (count <= 0) return false;
    buffer_.append(block, static_cast<std::size_t>(count));
    return true;
}

std::optional<std::string> RawClient::read_until(std::string_view mark) {
    std::size_t at = 0;
    while ((at = buffer_.find(mark)) == std::string::npos) {
        if (!fill()) return std::nullopt;
    }
    std::string text = buffer_.substr(0, at);
    buffer_.erase(0, at + mark.size());
    return text;
}

std::optional<std::string> RawClient::read_exactly(std::size_t count) {
    while (buffer_.size() < count) {
        if (!fill()) return std::nullopt;
    }
    std::string text = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return text;
}

std::optional<RawAnswer> RawClient::receive(bool head) {
    const auto text = read_until("\r\n\r\n");
    if (!text) return std::nullopt;
    RawAnswer answer;
    answer.status = std::atoi(text->substr(9, 3).c_str());
    const std::string_view fields = std::string_view(*text).substr(text->find("\r\n") + 2);
    for (const std::string_view line : base::split(fields, '\n')) {
        const std::size_t colon = line.find(':');
        answer.headers[base::to_lower(line.substr(0, colon))] = base::trim(line.substr(colon + 1));
    }
    if (head || answer.status == 204 || answer.status == 304 || answer.status < 200) return answer;
    if (answer.headers.contains("content-length")) {
        auto body = read_exactly(std::stoul(answer.headers["content-length"]));
        if (!body) return std::nullopt;
        answer.body = std::move(*body);
    } else if (answer.headers.contains("transfer-encoding")) {
        while (true) {
            const auto size = read_until("\r\n");
            if (!size) return std::nullopt;
            const auto chunk = read_exactly(std::stoul(*size, nullptr, 16) + 2);
            if (!chunk) return std::nullopt;
            if (chunk->size() == 2) break;
            answer.body += chunk->substr(0, chunk->size() - 2);
        }
    } else {
        while (fill()) continue;
        answer.body = std::exchange(buffer_, {});
    }
    return answer;
}

bool RawClient::at_end() {
    return buffer_.empty() && !fill();
}

void RawClient::stop_sending() const {
    ::shutdown(socket_.get(), SHUT_WR);
}

TestServer::TestServer(std::map<std::string, Route> routes, ServerOptions options) {
    auto shared = std::make_shared<std::map<std::string, std::shared_ptr<const Route>>>();
    for (auto& [path, route] : routes) {
        if (route.name.empty()) route.name = path;
        (*shared)[path] = std::make_shared<const Route>(std::move(route));
    }
    const auto unknown = std::make_shared<const Route>(
        simple([](const Request&) { return Response{404, {}, "unknown"}; }));
    server_ =
        std::make_unique<Server>(std::move(options), [shared, unknown](const Request& request) {
            const auto found = shared->find(request.path);
            return found == shared->end() ? unknown : found->second;
        });
    const auto started = server_->start();
    EXPECT_TRUE(started.has_value()) << started.error().describe();
}

Route simple(std::function<Response(const Request&)> handler, Lane lane) {
    Route route;
    route.handler.simple = std::move(handler);
    route.lane = lane;
    return route;
}

std::string get(std::string_view target, std::string_view fields) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

}  // namespace vmsecurity::net::testing
