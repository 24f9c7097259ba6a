#include "bench/api/load.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include "bench/api/http_connection.h"

namespace vmsecurity::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Client {
    HttpConnection connection;
    Clock::time_point sent;
};

}  // namespace

base::Result<LoadResult> run_load(const std::string& address, std::size_t clients,
                                  std::chrono::seconds time,
                                  const std::function<const std::string&(std::size_t)>& next) {
    const base::FileDescriptor poll(::epoll_create1(EPOLL_CLOEXEC));
    std::vector<Client> all;
    for (std::size_t i = 0; i < clients; ++i) {
        VMSECURITY_ASSIGN(HttpConnection connection, HttpConnection::open(address));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, connection.descriptor(), &event);
        all.push_back({std::move(connection), Clock::now()});
        VMSECURITY_TRY(all.back().connection.send(next(i)));
    }
    LoadResult result;
    std::vector<epoll_event> events(clients);
    const auto begin = Clock::now();
    const auto end = begin + time;
    while (Clock::now() < end) {
        const int count = ::epoll_wait(poll.get(), events.data(), static_cast<int>(clients), 1000);
        for (int n = 0; n < count; ++n) {
            const std::size_t i = events[static_cast<std::size_t>(n)].data.u64;
            Client& client = all[i];
            VMSECURITY_ASSIGN(const auto answer, client.connection.receive_some());
            if (!answer) continue;
            const auto now = Clock::now();
            result.milliseconds.push_back(
                std::chrono::duration<double, std::milli>(now - client.sent).count());
            if (answer->status / 100 != 2) {
                if (result.refused++ == 0) {
                    result.first_refusal =
                        fmt::format("{}: {}", answer->status, answer->body.substr(0, 200));
                }
            }
            client.sent = now;
            VMSECURITY_TRY(client.connection.send(next(i)));
        }
    }
    result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return result;
}

}  // namespace vmsecurity::bench
