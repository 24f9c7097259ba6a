#include "apiserver/changes/change_hub.h"

#include <fmt/format.h>

#include "base/log.h"
#include "codec/json_writer.h"
#include "model/schema/time.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::size_t kBatch = 500;
// A notification that got lost costs this long.
constexpr std::chrono::milliseconds kSafetyNet{1000};
constexpr std::chrono::seconds kReadTime{10};

store::Deadline read_deadline() {
    return std::chrono::steady_clock::now() + kReadTime;
}

std::string_view kind_name(const store::Change& change) {
    if (!change.family.empty()) return "Reconciled";
    switch (change.kind) {
        case store::ChangeKind::kCreated:
            return "Created";
        case store::ChangeKind::kDeleted:
            return "Deleted";
        case store::ChangeKind::kUpdated:
            break;
    }
    return "Changed";
}

}  // namespace

std::string change_json(const store::Change& change) {
    codec::JsonWriter writer;
    writer.begin_object();
    writer.member("collection", std::string_view(change.collection));
    if (!change.family.empty()) writer.member("family", std::string_view(change.family));
    writer.member("id", change.id);
    writer.member("kind", kind_name(change));
    writer.member("objectID", std::string_view(change.object_id));
    writer.member("revision", change.revision);
    writer.member(
        "time",
        std::string_view(model::schema::format_time(model::schema::from_nanoseconds(change.time))));
    writer.end_object();
    return writer.take();
}

ChangeHub::ChangeHub(store::Store& store) : store_(store) {}

ChangeHub::~ChangeHub() {
    stop();
}

base::Result<void> ChangeHub::start() {
    VMSECURITY_ASSIGN(const store::Changes now, read_changes(store_, -1, 1, read_deadline()));
    position_ = now.next;
    VMSECURITY_ASSIGN(
        subscription_,
        store_.database().listen(store::kChangesChannel, [this](std::string_view) { wake(); }));
    thread_ = std::thread([this] { run(); });
    return {};
}

void ChangeHub::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    condition_.notify_all();
    if (thread_.joinable()) thread_.join();
    subscription_.reset();
    for (Listener& listener : listeners_) listener.sink->close();
    listeners_.clear();
}

void ChangeHub::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    condition_.notify_one();
}

void ChangeHub::subscribe(std::shared_ptr<net::EventSink> sink, std::optional<std::int64_t> since,
                          std::string collection) {
    if (!since) {
        // What changes from now on is behind this, whenever the thread gets to the newcomer.
        since = position_.load();
        if (!sink->place(fmt::to_string(*since))) return;
    }
    {
        const std::lock_guard lock(mutex_);
        newcomers_.push_back({std::move(sink), *since, std::move(collection)});
        woken_ = true;
    }
    condition_.notify_one();
}

void ChangeHub::run() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            condition_.wait_for(lock, kSafetyNet, [this] { return woken_ || stopping_; });
            if (stopping_) return;
            woken_ = false;
        }
        admit_newcomers();
        while (read_more()) {
        }
    }
}

void ChangeHub::admit_newcomers() {
    std::vector<Listener> newcomers;
    {
        const std::lock_guard lock(mutex_);
        newcomers.swap(newcomers_);
    }
    for (Listener& listener : newcomers) {
        if (listener.position > position_) {
            // A place that never was: of another database, or of one restored from a backup.
            listener.position = position_;
            if (!listener.sink->push(fmt::to_string(position_.load()), "resync", "{}")) continue;
        }
        if (catch_up(listener)) listeners_.push_back(std::move(listener));
    }
}

// What was missed while away comes from the database, up to where the others are.
bool ChangeHub::catch_up(Listener& listener) {
    while (listener.position < position_) {
        auto changes = read_changes(store_, listener.position, kBatch, read_deadline());
        if (!changes) {
            base::log::warning("change feed: {}", changes.error().describe());
            listener.sink->close();  // the client comes back with its last id
            return false;
        }
        if (!send(listener, *changes)) return false;
        if (changes->changes.empty()) break;
    }
    return true;
}

bool ChangeHub::read_more() {
    auto changes = read_changes(store_, position_, kBatch, read_deadline());
    if (!changes) {
        base::log::warning("change feed: {}", changes.error().describe());
        return false;
    }
    if (changes->changes.empty() && !changes->resync) {
        position_ = std::max(position_.load(), changes->next);
        return false;
    }
    std::erase_if(listeners_, [&](Listener& listener) { return !send(listener, *changes); });
    position_ = changes->next;
    return changes->changes.size() == kBatch;
}

bool ChangeHub::send(Listener& listener, const store::Changes& changes) {
    if (changes.resync && !listener.sink->push(fmt::to_string(changes.next), "resync", "{}")) {
        return false;
    }
    for (const store::Change& change : changes.changes) {
        if (change.id <= listener.position) continue;  // had it while catching up
        if (!listener.collection.empty() && listener.collection != change.collection) continue;
        if (!listener.sink->push(fmt::to_string(change.id), "change", change_json(change))) {
            return false;
        }
    }
    listener.position = std::max(listener.position, changes.next);
    return true;
}

}  // namespace vmsecurity::apiserver
