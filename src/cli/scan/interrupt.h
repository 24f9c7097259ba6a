#pragma once

#include "base/file_descriptor.h"

namespace vmsecurity::cli {

// While it lives, the first SIGINT or SIGTERM makes descriptor() readable, so that the scan can end
// in order; a second one ends the program as usual. At most one at a time.
class Interrupt {
  public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    int descriptor() const { return event_.get(); }

  private:
    base::FileDescriptor event_;
};

}  // namespace vmsecurity::cli
