#pragma once

namespace vmsecurity::cli {

// Exit statuses of the program; part of its interface (docs/architecture.md).
inline constexpr int kComplete = 0;
inline constexpr int kFindings = 1;    // --fail-on was reached; also if the coverage is incomplete
inline constexpr int kUsage = 2;       // the command line makes no sense
inline constexpr int kIncomplete = 3;  // something was not looked at
inline constexpr int kFailed = 4;  // nothing could be scanned, or the output could not be written

}  // namespace vmsecurity::cli
