#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace vmsecurity::base {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidArgument:
            return "invalid argument";
        case ErrorCode::kNotFound:
            return "not found";
        case ErrorCode::kPermissionDenied:
            return "permission denied";
        case ErrorCode::kUnsupported:
            return "unsupported";
        case ErrorCode::kCorrupt:
            return "corrupt";
        case ErrorCode::kTruncated:
            return "truncated";
        case ErrorCode::kLimitExceeded:
            return "limit exceeded";
        case ErrorCode::kIo:
            return "input/output error";
        case ErrorCode::kOutOfScope:
            return "out of scope";
        case ErrorCode::kCancelled:
            return "cancelled";
        case ErrorCode::kUnavailable:
            return "unavailable";
        case ErrorCode::kInternal:
            return "internal error";
    }
    return "unknown";
}

std::string Error::describe() const {
    std::string text = message.empty() ? std::string(to_string(code)) : message;
    if (!where.empty()) text += " (" + where + ")";
    if (!cause.empty()) text += ": " + cause;
    return text;
}

namespace {

ErrorCode code_of(int error_number) {
    switch (error_number) {
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::kNotFound;
        case EACCES:
        case EPERM:
            return ErrorCode::kPermissionDenied;
        case ELOOP:
        case ENAMETOOLONG:
            return ErrorCode::kLimitExceeded;
        case EINVAL:
            return ErrorCode::kInvalidArgument;
        case EOPNOTSUPP:
            return ErrorCode::kUnsupported;
        default:
            return ErrorCode::kIo;
    }
}

}  // namespace

Error system_error(int error_number, std::string message, std::string where) {
    return {code_of(error_number), std::move(message), std::move(where),
            std::generic_category().message(error_number)};
}

}  // namespace vmsecurity::base
