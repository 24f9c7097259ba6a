#include "net/http_download.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

#include "base/file_descriptor.h"

namespace vmsecurity::net {
namespace {

// Answers one loopback connection after the other with the given texts, then stops.
class Server {
  public:
    explicit Server(std::vector<std::string> answers) : answers_(std::move(answers)) {
        listener_ = base::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_.get(), generic, sizeof(address)), 0);
        EXPECT_EQ(::listen(listener_.get(), 8), 0);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::getsockname(listener_.get(), generic, &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }
    ~Server() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }

  private:
    void run() {
        for (const std::string& answer : answers_) {
            const base::FileDescriptor peer(::accept(listener_.get(), nullptr, nullptr));
            if (!peer.valid()) return;
            std::string request;
            std::array<char, 1024> block{};
            while (request.find("\r\n\r\n") == std::string::npos) {
                const ssize_t count = ::read(peer.get(), block.data(), block.size());
                if (count <= 0) break;
                request.append(block.data(), static_cast<std::size_t>(count));
            }
            ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    std::vector<std::string> answers_;
    base::FileDescriptor listener_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

std::string answer(const std::string& status, const std::string& headers, const std::string& body) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n" + headers + "\r\n" + body;
}

TEST(HttpDownload, KeepsTheBodyInAFileThatGoesAgain) {
    const Server server({answer("200 OK", "", "hello")});
    std::string path;
    {
        const auto file = http_download(server.url("/a"), {.max_bytes = 5});
        ASSERT_TRUE(file.has_value()) << file.error().describe();
        path = file->path();
        EXPECT_EQ(base::read_file(path, 100).value(), "hello");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(HttpDownload, FollowsRedirectsToHttpOnly) {
    const Server good({answer("302 Found", "Location: /b\r\n", ""), answer("200 OK", "", "moved")});
    const auto file = http_download(good.url("/a"), {.max_bytes = 100});
    ASSERT_TRUE(file.has_value()) << file.error().describe();
    EXPECT_EQ(base::read_file(file->path(), 100).value(), "moved");

    const Server bad({answer("302 Found", "Location: file:///etc/hostname\r\n", "")});
    EXPECT_FALSE(http_download(bad.url("/a"), {.max_bytes = 100}).has_value());
    EXPECT_FALSE(http_download("file:///etc/hostname", {.max_bytes = 100}).has_value());
}

TEST(HttpDownload, HoldsItsLimit) {
    const Server server({answer("200 OK", "", "123456")});
    EXPECT_EQ(http_download(server.url("/"), {.max_bytes = 5}).error().code,
              base::ErrorCode::kLimitExceeded);
}

TEST(HttpDownload, ReportsTheServersRefusal) {
    const Server server({answer("404 Not Found", "", ""), answer("503 Busy", "", "")});
    EXPECT_EQ(http_download(server.url("/"), {.max_bytes = 5}).error().code,
              base::ErrorCode::kNotFound);
    EXPECT_EQ(http_download(server.url("/"), {.max_bytes = 5}).error().code,
              base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace vmsecurity::net
