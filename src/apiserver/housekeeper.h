#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "store/store.h"

namespace vmsecurity::apiserver {

// What runs beside the requests: looks every second whether the database answers and which
// suppressions have changed or expired, and deletes from time to time what retention says is too
// old.
class Housekeeper {
  public:
    Housekeeper(store::Store& store, std::chrono::milliseconds retention_interval);
    ~Housekeeper();
    Housekeeper(const Housekeeper&) = delete;
    Housekeeper& operator=(const Housekeeper&) = delete;

    void start();
    void stop();

    // Why the database cannot be used; empty if it can.
    std::string fault() const;

  private:
    void run();
    void look_at_database();
    void delete_old();
    void run_suppressions();
    bool wait_for_next_look();  // false: it is to stop

    store::Store& store_;
    std::chrono::milliseconds retention_interval_;
    std::chrono::steady_clock::time_point next_retention_;
    std::thread thread_;
    std::thread suppressions_thread_;  // may be at it for long
    mutable std::mutex mutex_;
    std::condition_variable condition_;
    bool stopping_ = false;
    std::string fault_;
};

}  // namespace vmsecurity::apiserver
