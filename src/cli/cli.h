#pragma once

namespace vmsecurity::cli {

// The whole program `vmsecurity`; the answer is its exit status (exit_status.h).
int run(int argc, char** argv);

}  // namespace vmsecurity::cli
