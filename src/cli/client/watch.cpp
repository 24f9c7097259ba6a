#include "cli/client/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "base/text.h"
#include "cli/client/fetch.h"
#include "cli/client/query.h"
#include "cli/client/refusal.h"
#include "cli/client/table.h"
#include "cli/console/console.h"
#include "cli/console/terminal.h"
#include "cli/exit_status.h"
#include "codec/json_writer.h"
#include "model/schema/canonical.h"
#include "net/client/event_parser.h"

namespace vmsecurity::cli {
namespace {

constexpr std::string_view kCommand = "watch";
constexpr std::chrono::milliseconds kFirstDelay{250};
constexpr std::chrono::milliseconds kMaxDelay{15'000};

class Watcher {
  public:
    Watcher(net::HttpClient& client, const WatchSettings& settings)
        : client_(client),
          settings_(settings),
          table_({"TIME                ", "CHANGE    "}, columns_of(*settings.display, {}),
                 use_colour()) {
        const auto columns = columns_of(*settings.display, {});
        if (settings.format == OutputFormat::kTable) {
            expand_ = expansion_for(*settings.display->collection, columns);
        }
    }

    base::Result<void> begin() {
        return settings_.format == OutputFormat::kTable ? write_out(table_.header())
                                                        : base::Result<void>{};
    }

    // False: enough, or it failed.
    bool take(const net::ServerEvent& event);
    int status() const { return status_; }

  private:
    bool fail(int status) {
        status_ = status;
        return false;
    }
    bool show(const boost::json::object& change, const boost::json::object* object);
    // Nothing: it is not there (any more), or does not match.
    base::Result<std::optional<boost::json::object>> read(std::string_view id);

    net::HttpClient& client_;
    const WatchSettings& settings_;
    GrowingTable table_;
    std::string expand_;
    std::set<std::string, std::less<>> shown_;  // ids, to tell of their end though no filter can
    std::uint64_t count_ = 0;
    int status_ = kComplete;
};

bool Watcher::take(const net::ServerEvent& event) {
    if (event.event == "resync") {
        tell("vmsecurity watch: changes were lost; read anew what you depend on\n");
        return true;
    }
    const auto parsed = codec::parse_json(event.data);
    if (!parsed || !parsed->is_object()) {
        return fail(fail_with(kCommand, "the server sent an event that is no JSON object"));
    }
    const auto& change = parsed->get_object();
    const std::string_view id = codec::text_member(change, "objectID");
    const std::string_view kind = codec::text_member(change, "kind");
    if (kind == "Deleted" || kind == "Reconciled") {
        const bool known = shown_.erase(std::string(id)) > 0;
        if (kind == "Deleted" && !settings_.filter.empty() && !known) return true;
        return show(change, nullptr);
    }
    auto object = read(id);
    if (!object) return fail(fail_with(kCommand, object.error()));
    if (!*object) return true;
    if (!settings_.filter.empty()) shown_.emplace(id);
    return show(change, &**object);
}

base::Result<std::optional<boost::json::object>> Watcher::read(std::string_view id) {
    std::vector<QueryOption> options;
    if (!expand_.empty()) options.push_back({"$expand", expand_, ""});
    std::string path = fmt::format("/{}", settings_.display->collection->name);
    if (settings_.filter.empty()) {
        path += '/' + escape_segment(id);
    } else {
        options.push_back(
            {"$filter", fmt::format("id eq {} and ({})", in_quotes(id), settings_.filter), ""});
    }
    net::ClientRequest request;
    request.target = target_of(path, options);
    VMSECURITY_ASSIGN(const net::Response answer, client_.send(request));
    if (answer.status == 404 && settings_.filter.empty()) return std::nullopt;
    if (answer.status >= 400) {
        return base::fail(exit_status_of(answer) == kUsage ? base::ErrorCode::kInvalidArgument
                                                           : base::ErrorCode::kUnavailable,
                          describe_refusal(answer, options));
    }
    VMSECURITY_ASSIGN(auto body, codec::parse_json(answer.body));
    if (!body.is_object()) return std::nullopt;
    if (settings_.filter.empty()) return std::move(body.get_object());
    const auto* items = codec::array_member(body.get_object(), "items");
    if (items == nullptr || items->empty() || !items->front().is_object()) return std::nullopt;
    return items->front().get_object();
}

// To the second, which is as wide as the others: "2026-11-25T09:15:47Z".
std::string to_the_second(std::string_view time) {
    const std::size_t point = time.find('.');
    return base::printable(std::string(time.substr(0, point)) +
                           (point == std::string_view::npos ? "" : "Z"));
}

bool Watcher::show(const boost::json::object& change, const boost::json::object* object) {
    base::Result<void> written;
    if (settings_.format == OutputFormat::kTable) {
        std::string kind = base::printable(std::string(codec::text_member(change, "kind")));
        if (const auto family = codec::text_member(change, "family"); !family.empty()) {
            kind += ' ' + base::printable(std::string(family));
        }
        // What has no object to show is named by its id.
        const boost::json::object bare{{"id", codec::text_member(change, "objectID")}};
        written = write_out(table_.row({to_the_second(codec::text_member(change, "time")), kind},
                                       object == nullptr ? &bare : object));
    } else {
        boost::json::object line = change;
        if (object != nullptr) line["object"] = *object;
        codec::JsonWriter writer;
        model::schema::write_json(writer, line);
        written = write_out(writer.take() + '\n');
    }
    if (!written) return fail(fail_with(kCommand, written.error()));
    return settings_.limit == 0 || ++count_ < settings_.limit;
}

std::string feed_target(const WatchSettings& settings) {
    std::string target = fmt::format("/changes?collection={}", settings.display->collection->name);
    if (settings.since) target += fmt::format("&since={}", *settings.since);
    return target;
}

// A wrong filter is told before the first change that it would have been held to.
int check_filter(net::HttpClient& client, const WatchSettings& settings) {
    if (settings.filter.empty()) return kComplete;
    const std::vector<QueryOption> options = {{"$filter", settings.filter, "--filter"},
                                              {"$top", "0", ""}};
    net::ClientRequest request;
    request.target = target_of(fmt::format("/{}", settings.display->collection->name), options);
    return fetch(client, kCommand, request, options).status;
}

}  // namespace

int run_watch(net::HttpClient& feed, net::HttpClient& client, const WatchSettings& settings) {
    if (const int status = check_filter(client, settings); status != kComplete) return status;
    Watcher watcher(client, settings);
    if (auto begun = watcher.begin(); !begun) return fail_with(kCommand, begun.error());
    std::minstd_rand random{std::random_device{}()};
    std::string last_id;
    auto delay = kFirstDelay;
    bool was_connected = false;
    while (true) {
        net::ClientRequest request;
        request.target = feed_target(settings);
        request.headers.add("Accept", "text/event-stream");
        if (!last_id.empty()) request.headers.add("Last-Event-ID", last_id);
        net::EventParser parser;
        bool wanted = true;
        const auto answer = feed.stream(request, [&](std::string_view bytes) {
            was_connected = true;
            delay = kFirstDelay;
            wanted = parser.feed(
                bytes, [&](const net::ServerEvent& event) { return watcher.take(event); });
            return wanted;
        });
        // Behind the last event, or where the stream began if none came.
        if (!parser.last_id().empty()) last_id = parser.last_id();
        if (!wanted) return watcher.status();
        if (answer && answer->status >= 400 && answer->status != 503 && answer->status != 429) {
            fail_with(kCommand, describe_refusal(*answer, {}));
            return exit_status_of(*answer);
        }
        if (!answer && !was_connected) return fail_with(kCommand, answer.error());
        // Anywhere between half of the delay and all of it, so that clients do not come together.
        std::uniform_int_distribution<std::int64_t> spread(delay.count() / 2, delay.count());
        std::this_thread::sleep_for(std::chrono::milliseconds(spread(random)));
        delay = std::min(delay * 2, kMaxDelay);
    }
}

}  // namespace vmsecurity::cli
