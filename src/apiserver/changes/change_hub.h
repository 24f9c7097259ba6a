#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/server/handler.h"
#include "store/change_feed.h"

namespace vmsecurity::apiserver {

// Hands the change feed to everybody who listens at /changes: one reader of the database for all of
// them, woken by its notifications. Any number of API servers on one database each have a hub.
class ChangeHub {
  public:
    explicit ChangeHub(store::Store& store);
    ~ChangeHub();
    ChangeHub(const ChangeHub&) = delete;
    ChangeHub& operator=(const ChangeHub&) = delete;

    base::Result<void> start();
    void stop();

    // Events after `since` (the next one if nothing) go to `sink` until its client is gone; of one
    // collection, if that is not empty. Without `since` the client is told first where it begins.
    void subscribe(std::shared_ptr<net::EventSink> sink, std::optional<std::int64_t> since,
                   std::string collection);

  private:
    struct Listener {
        std::shared_ptr<net::EventSink> sink;
        std::int64_t position = 0;
        std::string collection;
    };

    void run();
    void wake();
    void admit_newcomers();
    bool read_more();
    // False: the listener is gone.
    static bool send(Listener& listener, const store::Changes& changes);
    bool catch_up(Listener& listener);

    store::Store& store_;
    std::unique_ptr<sql::Database::Subscription> subscription_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable condition_;
    bool woken_ = false;
    bool stopping_ = false;
    std::vector<Listener> newcomers_;
    std::vector<Listener> listeners_;        // of the thread alone
    std::atomic<std::int64_t> position_{0};  // written by the thread alone
};

// The data of an event: a ChangeEvent of api/openapi.yaml.
std::string change_json(const store::Change& change);

}  // namespace vmsecurity::apiserver
