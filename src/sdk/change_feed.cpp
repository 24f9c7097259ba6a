#include "sdk/change_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>

#include "base/log.h"
#include "codec/json.h"
#include "net/client/event_parser.h"

namespace vmsecurity::sdk {
namespace {

constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::chrono::milliseconds kMaxDelay{5'000};
// The server sends a comment every 15 seconds; a connection that is silent for longer is dead.
constexpr std::chrono::milliseconds kStall{60'000};

class Follower {
  public:
    Follower(const Endpoint& endpoint, const ChangeListener& listener, std::stop_token stop)
        : listener_(listener), stop_(std::move(stop)), http_(options(endpoint)) {}

    void run() {
        std::minstd_rand random{std::random_device{}()};
        auto delay = kFirstDelay;
        while (!stop_.stop_requested()) {
            if (connect()) delay = kFirstDelay;
            std::uniform_int_distribution<std::int64_t> spread(delay.count() / 2, delay.count());
            wait(std::chrono::milliseconds(spread(random)));
            delay = std::min(delay * 2, kMaxDelay);
        }
    }

  private:
    static net::ClientOptions options(const Endpoint& endpoint) {
        auto options = client_options(endpoint);
        options.stall_timeout = kStall;
        options.attempts = 1;
        return options;
    }

    void wait(std::chrono::milliseconds time) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait_for(lock, stop_, time, [] { return false; });
    }

    // True: the server sent something.
    bool connect() {
        net::ClientRequest request;
        request.target = "/changes";
        request.headers.add("Accept", "text/event-stream");
        if (!last_id_.empty()) request.headers.add("Last-Event-ID", last_id_);
        net::EventParser parser;
        bool greeted = !last_id_.empty();
        bool heard = false;
        const auto answer = http_.stream(
            request,
            [&](std::string_view bytes) {
                heard = true;
                // The first bytes mean that the server is listening for us: from here on nothing is
                // missed, so what was before can be read now.
                if (!greeted) listener_.resync();
                greeted = true;
                const bool whole = parser.feed(bytes, [&](const net::ServerEvent& event) {
                    take(event);
                    return true;
                });
                // An id may have come without an event, as the place where the stream begins.
                if (!parser.last_id().empty()) last_id_ = parser.last_id();
                return whole && !stop_.stop_requested();
            },
            stop_);
        if (!answer && !stop_.stop_requested()) {
            base::log::debug("the change feed ended: {}", answer.error().describe());
        } else if (answer && answer->status >= 400) {
            base::log::warning("the API refuses its change feed with status {}", answer->status);
        }
        return heard;
    }

    void take(const net::ServerEvent& event) {
        if (!event.id.empty()) last_id_ = event.id;
        if (event.event == "resync") {
            listener_.resync();
            return;
        }
        const auto parsed = codec::parse_json(event.data);
        if (!parsed || !parsed->is_object()) return;
        const auto& object = parsed->get_object();
        ChangeEvent change;
        change.collection = codec::text_member(object, "collection");
        change.object_id = codec::text_member(object, "objectID");
        change.kind = codec::text_member(object, "kind");
        if (const auto* revision = object.if_contains("revision");
            revision != nullptr && revision->is_int64()) {
            change.revision = revision->get_int64();
        }
        if (!change.collection.empty()) listener_.changed(change);
    }

    const ChangeListener& listener_;
    std::stop_token stop_;
    net::HttpClient http_;
    std::string last_id_;
};

}  // namespace

void follow_changes(const Endpoint& endpoint, const ChangeListener& listener,
                    std::stop_token stop) {
    Follower(endpoint, listener, std::move(stop)).run();
}

}  // namespace vmsecurity::sdk
