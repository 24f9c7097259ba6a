#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/file_descriptor.h"
#include "scan/supervisor/scan.h"
#include "sdk/api_client.h"

namespace vmsecurity::cli {

// Beside a running scan, on a thread and a connection of its own: says every ten seconds that it
// lives and how far it is, looks every second whether the asset scan was aborted, and waits for
// signals. A server that does not answer is no reason to end.
class Watcher {
  public:
    enum class End {
        kAborted,      // somebody set the asset scan to Aborted
        kInterrupted,  // by a signal
        kRefused,      // the server does not let us, or the asset scan is gone: nobody to report to
    };

    // `interrupt`: readable once a signal has come.
    Watcher(const sdk::Endpoint& endpoint, std::string asset_scan, int interrupt);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    // Both tell that the scan is to end.
    int cancel_descriptor() const { return cancel_.get(); }
    std::stop_token stop_token() const { return ended_.get_token(); }
    // Why; and what the server said, if it was the server.
    std::optional<End> end() const;
    std::string detail() const;

    // From here on it says that the scanner lives; before, the asset scan is not ours to change.
    void begin() { begun_ = true; }
    void show(const scan::ScanProgress& progress);
    void finish();  // the scan is over: watches no longer

  private:
    void run(const std::stop_token& stop);
    void look(sdk::ApiClient& client);
    void say_alive(sdk::ApiClient& client);
    void end_with(End end, std::string detail);

    sdk::Endpoint endpoint_;
    std::string id_;
    int interrupt_;
    base::FileDescriptor cancel_;
    std::stop_source ended_;
    std::atomic<bool> begun_ = false;
    mutable std::mutex mutex_;
    std::optional<End> end_;
    std::string detail_;
    std::optional<scan::ScanProgress> progress_;
    std::jthread thread_;
};

}  // namespace vmsecurity::cli
