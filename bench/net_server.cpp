// net_server [SECONDS [CLIENTS]]
//
// Small GETs over loopback with kept connections, the clients on the same processors as the server.
// Prints requests a second and the latency of one.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "net/server/server.h"

namespace {

using namespace vmsecurity;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest =
    "GET /api/findings/0a1b2c3d-1111-2222-3333-444455556666?$select=id HTTP/1.1\r\n"
    "Host: localhost\r\nAccept: application/json\r\nUser-Agent: bench\r\n\r\n";

base::FileDescriptor connect_to(std::uint16_t port) {
    base::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        std::perror("connect");
        std::exit(1);
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return socket;
}

void send_request(int descriptor) {
    if (::send(descriptor, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 5;
    const std::size_t clients = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 32;
    const std::string body(300, 'x');
    const auto route = std::make_shared<net::Route>();
    route->name = "GET /findings/{findingID}";
    route->handler.simple = [&](const net::Request&) {
        net::Response response;
        response.headers.add("Content-Type", "application/json");
        response.body = body;
        return response;
    };
    net::Server server({}, [&](const net::Request&) { return route; });
    if (const auto started = server.start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().describe().c_str());
        return 1;
    }

    const base::FileDescriptor poll(::epoll_create1(EPOLL_CLOEXEC));
    std::vector<base::FileDescriptor> sockets;
    std::vector<Clock::time_point> sent(clients);
    for (std::size_t i = 0; i < clients; ++i) {
        sockets.push_back(connect_to(server.port()));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, sockets.back().get(), &event);
        sent[i] = Clock::now();
        send_request(sockets.back().get());
    }
    std::vector<std::int64_t> latencies;
    std::vector<epoll_event> events(clients);
    char buffer[4096];
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::seconds(seconds);
    while (Clock::now() < end) {
        const int count = ::epoll_wait(poll.get(), events.data(), static_cast<int>(clients), 1000);
        for (int n = 0; n < count; ++n) {
            const std::size_t i = events[static_cast<std::size_t>(n)].data.u64;
            const ssize_t size = ::recv(sockets[i].get(), buffer, sizeof(buffer), 0);
            if (size <= 300 || std::string_view(buffer, 12) != "HTTP/1.1 200") {
                std::fprintf(stderr, "a wrong answer\n");
                return 1;
            }
            const auto now = Clock::now();
            latencies.push_back((now - sent[i]).count());
            sent[i] = now;
            send_request(sockets[i].get());
        }
    }
    const std::chrono::duration<double> passed = Clock::now() - begin;
    std::ranges::sort(latencies);
    const auto at = [&](double part) {
        const double index = part * static_cast<double>(latencies.size() - 1);
        return static_cast<double>(latencies[static_cast<std::size_t>(index)]) / 1000;
    };
    std::printf("%zu clients: %.0f requests/s, p50 %.0f us, p99 %.0f us\n", clients,
                static_cast<double>(latencies.size()) / passed.count(), at(0.5), at(0.99));
    server.stop();
    return 0;
}
