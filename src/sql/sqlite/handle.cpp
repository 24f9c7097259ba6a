#include "sql/sqlite/handle.h"

#include <fmt/format.h>

#include <string>

namespace vmsecurity::sql::sqlite {
namespace {

using base::ErrorCode;

// "UNIQUE constraint failed: t.a, t.b" or "UNIQUE constraint failed: index 'i'" to the form of
// sql::Database.
std::string unique_place(std::string_view message) {
    constexpr std::string_view kPrefix = "UNIQUE constraint failed: ";
    constexpr std::string_view kIndex = "index '";
    if (!message.starts_with(kPrefix)) return "unique:" + std::string(message);
    message.remove_prefix(kPrefix.size());
    if (message.starts_with(kIndex)) {
        message.remove_prefix(kIndex.size());
        message.remove_suffix(message.ends_with('\'') ? 1 : 0);
        return "unique:" + std::string(message);
    }
    const std::string_view table = message.substr(0, message.find('.') + 1);
    std::string place = "unique:";
    while (!message.empty()) {
        const std::string_view column = message.substr(0, message.find(", "));
        message.remove_prefix(std::min(message.size(), column.size() + 2));
        const bool first = place.ends_with(':');
        if (!first) place += ',';
        place += first ? column : column.substr(column.starts_with(table) ? table.size() : 0);
    }
    return place;
}

base::Error constraint_error(int extended, std::string message) {
    switch (extended) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return {ErrorCode::kInvalidArgument, "a row with these values exists already",
                    unique_place(message), std::move(message)};
        default:
            return {ErrorCode::kInvalidArgument,
                    "the database refuses these values",
                    "constraint:" + message,
                    {}};
    }
}

ErrorCode code_of(int code) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_NOMEM:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_NOLFS:
            return ErrorCode::kUnavailable;
        case SQLITE_INTERRUPT:
            return ErrorCode::kCancelled;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
            return ErrorCode::kCorrupt;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return ErrorCode::kPermissionDenied;
        case SQLITE_TOOBIG:
            return ErrorCode::kLimitExceeded;
        default:
            return ErrorCode::kInternal;
    }
}

}  // namespace

base::Error error_of(sqlite3* handle, int code, std::string_view action) {
    const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : code;
    std::string message = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    if ((code & 0xff) == SQLITE_CONSTRAINT) return constraint_error(extended, std::move(message));
    std::string sentence;
    switch (code & 0xff) {
        case SQLITE_FULL:
            sentence = "the disk of the database is full";
            break;
        case SQLITE_INTERRUPT:
            sentence = "the database statement ran until the deadline";
            break;
        default:
            sentence = fmt::format("cannot {}", action);
    }
    return {
        code_of(code), std::move(sentence), {}, fmt::format("SQLite: {} ({})", message, extended)};
}

}  // namespace vmsecurity::sql::sqlite
