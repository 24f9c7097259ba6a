#include "net/server/server.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "net/server/connection.h"
#include "net/server/listen_address.h"
#include "net/server/service.h"
#include "net/server/tls.h"

namespace vmsecurity::net {

using asio::ip::tcp;
using base::ErrorCode;

namespace {

// A connection may end, and leave the thread's set, while it or another one is told something.
std::vector<std::shared_ptr<Connection>> all_of(const IoThread& thread) {
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(thread.connections.size());
    for (Connection* connection : thread.connections) {
        all.push_back(connection->shared_from_this());
    }
    return all;
}

}  // namespace

class ServerState {
  public:
    ServerState(ServerOptions options, Dispatch dispatch)
        : service_(std::move(options), std::move(dispatch)) {}
    ~ServerState() { stop(); }

    base::Result<void> start();
    void stop();
    std::vector<std::string> addresses() const;
    std::uint16_t port() const;
    std::string metrics() const {
        return service_.metrics.text(service_.lanes, service_.connections.load());
    }

  private:
    base::Result<tcp::acceptor> bind(const std::string& text);
    asio::awaitable<void> accept(tcp::acceptor& acceptor);
    void take(tcp::socket socket, IoThread& thread);
    // Calls `visit` on each I/O thread and waits for it.
    void on_each_thread(const std::function<void(IoThread&)>& visit);
    bool wait_for_connections(std::chrono::milliseconds time);

    Service service_;
    std::optional<asio::ssl::context> tls_;
    std::vector<std::unique_ptr<IoThread>> io_;
    std::vector<tcp::acceptor> acceptors_;  // all on the first I/O thread
    std::vector<tcp::endpoint> bound_;
    std::vector<std::thread> threads_;
    std::size_t next_thread_ = 0;
    bool started_ = false;
};

base::Result<void> ServerState::start() {
    if (started_) return base::fail(ErrorCode::kInternal, "the server was started before");
    started_ = true;
    if (service_.options.tls) {
        VMSECURITY_ASSIGN(tls_, make_tls_context(*service_.options.tls));
        service_.tls = &*tls_;
    }
    for (unsigned i = 0; i < service_.options.io_threads; ++i) {
        io_.push_back(std::make_unique<IoThread>());
    }
    for (const std::string& text : service_.options.listen) {
        auto acceptor = bind(text);
        if (!acceptor) {
            acceptors_.clear();
            bound_.clear();
            io_.clear();
            return base::fail(std::move(acceptor).error());
        }
        bound_.push_back(acceptor->local_endpoint());
        acceptors_.push_back(std::move(*acceptor));
    }
    for (tcp::acceptor& acceptor : acceptors_) {
        asio::co_spawn(io_[0]->context, accept(acceptor), asio::detached);
    }
    for (const auto& thread : io_) {
        threads_.emplace_back([&context = thread->context] {
            const auto stay = asio::make_work_guard(context);
            context.run();
        });
    }
    return {};
}

base::Result<tcp::acceptor> ServerState::bind(const std::string& text) {
    VMSECURITY_ASSIGN(const tcp::endpoint endpoint, parse_listen_address(text));
    boost::system::error_code error;
    tcp::acceptor acceptor(io_[0]->context);
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.protocol() == tcp::v6()) {
        // So that "0.0.0.0:80" and "[::]:80" can be named beside each other.
        acceptor.set_option(asio::ip::v6_only(true), error);
    }
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(1024, error);
    if (error) return base::fail(base::system_error(error.value(), "cannot listen on " + text));
    return acceptor;
}

asio::awaitable<void> ServerState::accept(tcp::acceptor& acceptor) {
    asio::steady_timer pause(acceptor.get_executor());
    while (acceptor.is_open()) {
        IoThread& thread = *io_[next_thread_++ % io_.size()];
        auto [error, socket] =
            co_await acceptor.async_accept(thread.context, asio::as_tuple(asio::use_awaitable));
        if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
        if (!error) {
            take(std::move(socket), thread);
            continue;
        }
        // Out of descriptors, most likely: at once it would only fail again.
        base::log::warning("cannot accept a connection: {}", error.message());
        pause.expires_after(std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void ServerState::take(tcp::socket socket, IoThread& thread) {
    const std::size_t before = service_.connections.fetch_add(1, std::memory_order_relaxed);
    if (before >= service_.options.limits.connections) {
        service_.connections.fetch_sub(1, std::memory_order_relaxed);
        service_.metrics.count(ServerMetrics::Rejection::kConnections);
        return;
    }
    asio::post(thread.context, [this, &thread, socket = std::move(socket)]() mutable {
        const auto connection = std::make_shared<Connection>(service_, thread, std::move(socket));
        if (service_.stopping.load()) return;
        connection->start();
    });
}

void ServerState::on_each_thread(const std::function<void(IoThread&)>& visit) {
    for (const auto& thread : io_) {
        std::mutex mutex;
        std::condition_variable done;
        bool visited = false;
        asio::post(thread->context, [&] {
            visit(*thread);
            const std::lock_guard lock(mutex);
            visited = true;
            done.notify_one();
        });
        std::unique_lock lock(mutex);
        done.wait(lock, [&] { return visited; });
    }
}

bool ServerState::wait_for_connections(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (service_.connections.load() > 0) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

void ServerState::stop() {
    if (threads_.empty()) return;
    service_.stopping.store(true);
    on_each_thread([this](IoThread& thread) {
        if (&thread == io_[0].get()) {
            for (tcp::acceptor& acceptor : acceptors_) acceptor.close();
        }
        for (const auto& connection : all_of(thread)) connection->finish_soon();
    });
    wait_for_connections(service_.options.limits.grace);
    on_each_thread([](IoThread& thread) {
        for (const auto& connection : all_of(thread)) connection->cut();
    });
    service_.lanes.stop();
    for (const auto& thread : io_) thread->context.stop();
    for (std::thread& thread : threads_) thread.join();
    // Producers of events may still knock; from here on nobody opens.
    for (const auto& thread : io_) {
        for (Connection* connection : thread->connections) connection->detach();
    }
    threads_.clear();
    acceptors_.clear();
    io_.clear();
}

std::vector<std::string> ServerState::addresses() const {
    std::vector<std::string> all;
    for (const tcp::endpoint& endpoint : bound_) all.push_back(format_address(endpoint));
    return all;
}

std::uint16_t ServerState::port() const {
    return bound_.empty() ? std::uint16_t{0} : bound_.front().port();
}

Server::Server(ServerOptions options, Dispatch dispatch)
    : state_(std::make_unique<ServerState>(std::move(options), std::move(dispatch))) {}
Server::~Server() = default;
base::Result<void> Server::start() {
    return state_->start();
}
void Server::stop() {
    state_->stop();
}
std::vector<std::string> Server::addresses() const {
    return state_->addresses();
}
std::uint16_t Server::port() const {
    return state_->port();
}
std::string Server::metrics() const {
    return state_->metrics();
}

}  // namespace vmsecurity::net
