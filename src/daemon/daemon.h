#pragma once

namespace vmsecurity::daemon {

// The whole program `vmsecurityd`; the answer is its exit status: 0, 2 (usage or a setting that
// cannot be used) or 4 (failed).
int run(int argc, char** argv);

inline constexpr int kDone = 0;
inline constexpr int kUsage = 2;
inline constexpr int kFailed = 4;

}  // namespace vmsecurity::daemon
