#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vmsecurity::base {

// What kind of thing went wrong. Callers branch on the code; people read the message.
enum class ErrorCode : std::uint8_t {
    kInvalidArgument,   // the caller's input breaks a rule
    kNotFound,          // the named thing does not exist
    kPermissionDenied,  // exists, but may not be read
    kUnsupported,       // recognised, and not handled by this build
    kCorrupt,           // the bytes contradict their format
    kTruncated,         // the bytes end before the format says they do
    kLimitExceeded,     // a configured bound on size, depth, time or count was reached
    kIo,                // the operating system failed a call
    kOutOfScope,        // left out by the caller's own settings
    kCancelled,         // somebody asked to stop
    kUnavailable,       // a peer (process, server) is gone; trying again may help
    kInternal,          // our own mistake
};

std::string_view to_string(ErrorCode code);

// An error carries the sentence for the user and, apart from it, what a developer needs.
struct Error {
    ErrorCode code = ErrorCode::kInternal;
    std::string message;  // for the user: what is wrong and, where it helps, what to do
    std::string where;    // file, offset, line or field; empty if the message says it all
    std::string cause;    // for the developer: errno text, library message, failed check

    // "message (where): cause", leaving out what is empty.
    std::string describe() const;
};

// An Error{kIo, ...} (or a closer code) for a failed system call.
Error system_error(int error_number, std::string message, std::string where = {});

}  // namespace vmsecurity::base
