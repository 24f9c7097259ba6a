#pragma once

namespace vmsecurity::service {

// Blocks SIGHUP, SIGINT, SIGTERM and SIGQUIT in this thread and those it starts later, so that one
// thread can wait for them. Made first in main().
class StopSignal {
  public:
    StopSignal();
    // Returns the number of the signal that came. A second one ends the process at once.
    int wait();
};

}  // namespace vmsecurity::service
