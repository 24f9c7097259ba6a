#include "sql/postgres/session.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include "base/log.h"

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;

// The server is to cancel a statement at the deadline; it has this long to say so.
constexpr auto kGrace = std::chrono::seconds(2);

// Milliseconds for poll(2): -1 is without end.
int remaining(Session::Clock::time_point deadline) {
    if (deadline == Session::Clock::time_point::max()) return -1;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Session::Clock::now());
    return static_cast<int>(
        std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

bool poll_until(std::span<pollfd> descriptors, Session::Clock::time_point deadline) {
    for (;;) {
        const int ready = ::poll(descriptors.data(), descriptors.size(), remaining(deadline));
        if (ready > 0) return true;
        if (ready < 0 && errno == EINTR) continue;
        return false;
    }
}

Handle start_connecting(const ConnectionParameters& parameters) {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    return Handle(PQconnectStartParams(keywords.data(), values.data(), 0));
}

void log_notice(void* /*context*/, const char* message) {
    base::log::debug("PostgreSQL: {}", message);
}

}  // namespace

base::Result<std::unique_ptr<Session>> Session::connect(const ConnectionParameters& parameters,
                                                        Clock::time_point deadline) {
    Handle handle = start_connecting(parameters);
    if (!handle) return base::fail(ErrorCode::kUnavailable, "out of memory for a connection");
    auto state =
        PQstatus(handle.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED) {
            return base::fail(connection_error(handle.get(), "cannot connect to the database"));
        }
        std::array descriptors{
            pollfd{PQsocket(handle.get()),
                   static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0}};
        if (!poll_until(descriptors, deadline)) {
            return base::fail(ErrorCode::kUnavailable,
                              "the database did not answer a new connection in time");
        }
        state = PQconnectPoll(handle.get());
    }
    PQsetnonblocking(handle.get(), 1);
    PQsetNoticeProcessor(handle.get(), log_notice, nullptr);
    return std::unique_ptr<Session>(new Session(std::move(handle)));
}

void Session::note_failure(const base::Error& error, std::string_view state) {
    if (failure_) return;
    failure_ = error;
    state_ = state;
}

void Session::clear_failure() {
    failure_.reset();
    state_.clear();
}

base::Error Session::lost() {
    broken_ = true;
    return connection_error(handle_.get(), "the connection to the database was lost");
}

base::Result<void> Session::wait(short events) {
    std::array descriptors{pollfd{PQsocket(handle_.get()), events, 0}};
    const auto deadline = deadline_ == Clock::time_point::max() ? deadline_ : deadline_ + kGrace;
    if (!poll_until(descriptors, deadline)) {
        broken_ = true;
        return base::fail(ErrorCode::kUnavailable, "the database did not answer by the deadline");
    }
    if ((descriptors[0].revents & (POLLIN | POLLERR | POLLHUP)) != 0 &&
        PQconsumeInput(handle_.get()) == 0) {
        return base::fail(lost());
    }
    return {};
}

base::Result<void> Session::flush() {
    for (;;) {
        const int left = PQflush(handle_.get());
        if (left == 0) return {};
        if (left < 0) return base::fail(lost());
        // Reading too: a server that waits for us to read does not read.
        VMSECURITY_TRY(wait(POLLIN | POLLOUT));
    }
}

base::Result<ResultHandle> Session::next() {
    while (PQisBusy(handle_.get()) != 0) VMSECURITY_TRY(wait(POLLIN));
    ResultHandle result(PQgetResult(handle_.get()));
    if (!result) return result;
    switch (PQresultStatus(result.get())) {
        case PGRES_BAD_RESPONSE:
        case PGRES_FATAL_ERROR:
        case PGRES_NONFATAL_ERROR:
            break;
        default:
            return result;
    }
    if (state_of(result.get()).empty()) return base::fail(lost());  // libpq's own, not the server's
    base::Error error = error_of(result.get());
    note_failure(error, state_of(result.get()));
    return base::fail(std::move(error));
}

void Session::drain() {
    while (!broken_) {
        const auto result = next();
        if (result && !*result) return;
    }
}

base::Result<void> Session::finish() {
    base::Result<void> answer;
    for (;;) {
        auto result = next();
        if (!result) {
            if (broken_) return base::fail(std::move(result).error());
            if (answer) answer = base::fail(std::move(result).error());
            continue;
        }
        if (!*result) return answer;
    }
}

base::Result<void> Session::run(const std::string& script) {
    if (PQsendQuery(handle_.get(), script.c_str()) == 0) return base::fail(lost());
    VMSECURITY_TRY(flush());
    return finish();
}

base::Result<void> Session::prepare(const std::string& name, const std::string& text,
                                    std::span<const Oid> types) {
    if (PQsendPrepare(handle_.get(), name.c_str(), text.c_str(), static_cast<int>(types.size()),
                      types.data()) == 0) {
        return base::fail(lost());
    }
    VMSECURITY_TRY(flush());
    return finish();
}

base::Result<ResultHandle> Session::describe(const std::string& name) {
    if (PQsendDescribePrepared(handle_.get(), name.c_str()) == 0) return base::fail(lost());
    VMSECURITY_TRY(flush());
    VMSECURITY_ASSIGN(auto description, next());
    VMSECURITY_TRY(finish());
    return description;
}

base::Result<void> Session::start(const std::string& name, std::span<const Parameter> parameters,
                                  bool binary_results, bool row_by_row) {
    std::vector<const char*> values;
    std::vector<int> sizes;
    for (const Parameter& parameter : parameters) {
        values.push_back(parameter.bytes);
        sizes.push_back(parameter.size);
    }
    const std::vector<int> formats(parameters.size(), 1);
    if (PQsendQueryPrepared(handle_.get(), name.c_str(), static_cast<int>(parameters.size()),
                            values.data(), sizes.data(), formats.data(),
                            binary_results ? 1 : 0) == 0) {
        return base::fail(lost());
    }
    if (row_by_row) PQsetSingleRowMode(handle_.get());
    return flush();
}

base::Result<void> Session::wait_for_input(int wake_descriptor, Clock::time_point deadline) {
    std::array descriptors{pollfd{PQsocket(handle_.get()), POLLIN, 0},
                           pollfd{wake_descriptor, POLLIN, 0}};
    if (poll_until(descriptors, deadline) && descriptors[0].revents != 0 &&
        PQconsumeInput(handle_.get()) == 0) {
        return base::fail(lost());
    }
    return {};
}

}  // namespace vmsecurity::sql::postgres
