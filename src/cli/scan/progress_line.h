#pragma once

#include <chrono>
#include <cstdio>

#include "cli/scan/settings.h"
#include "scan/supervisor/scan.h"

namespace vmsecurity::cli {

// Shows on standard error how far a scan is: one line that is written over on a terminal, a line
// every few seconds elsewhere.
class ProgressLine {
  public:
    explicit ProgressLine(ProgressMode mode);
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const scan::ScanProgress& progress);
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    bool enabled_;
    bool terminal_;
    bool visible_ = false;
    Clock::time_point started_ = Clock::now();
    Clock::time_point shown_;
};

}  // namespace vmsecurity::cli
