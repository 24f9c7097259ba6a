#include "sql/postgres/handle.h"

#include <fmt/format.h>

#include <string>

#include "base/text.h"

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : text;
}

// "Key (name, value)=(a, 0) already exists." names the columns, or the expressions, of the index.
// Its words are translated, its parentheses are not.
std::string unique_place(const PGresult* result) {
    const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const std::size_t begin = detail.find('(');
    const std::size_t end = detail.find(")=(");
    std::string columns;
    if (begin != std::string::npos && end != std::string::npos && begin < end) {
        for (const char c : std::string_view(detail).substr(begin + 1, end - begin - 1)) {
            if (c != ' ') columns += c;
        }
    }
    if (columns.empty() || columns.find_first_of("()\":'") != std::string::npos) {
        return "unique:" + field(result, PG_DIAG_CONSTRAINT_NAME);
    }
    return fmt::format("unique:{}.{}", field(result, PG_DIAG_TABLE_NAME), columns);
}

ErrorCode code_of(std::string_view state) {
    if (state == "57014") return ErrorCode::kCancelled;  // query_canceled
    if (state == "58030") return ErrorCode::kIo;         // io_error
    if (state == "08P01") return ErrorCode::kInternal;   // protocol_violation: parameters missing
    if (state == "42501") return ErrorCode::kPermissionDenied;
    const std::string_view kind = state.substr(0, 2);
    if (kind == "08" || kind == "53" || kind == "57" || kind == "58" || kind == "40" ||
        kind == "55") {
        return ErrorCode::kUnavailable;  // connection, resources, operator, system, conflicts,
                                         // locks
    }
    if (kind == "22" || kind == "23") return ErrorCode::kInvalidArgument;  // data, constraints
    if (kind == "28") return ErrorCode::kPermissionDenied;                 // authorization
    if (kind == "XX" && state != "XX000") return ErrorCode::kCorrupt;
    if (kind == "54") return ErrorCode::kLimitExceeded;
    return ErrorCode::kInternal;
}

std::string sentence_of(std::string_view state, ErrorCode code) {
    if (state == "53100") return "the disk of the database is full";
    switch (code) {
        case ErrorCode::kCancelled:
            return "the database statement ran until the deadline";
        case ErrorCode::kUnavailable:
            return "the database is not available";
        case ErrorCode::kInvalidArgument:
            return "the database refuses these values";
        case ErrorCode::kCorrupt:
            return "the database is damaged";
        default:
            return "the database refused a statement";
    }
}

}  // namespace

std::string_view state_of(const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string_view{} : state;
}

base::Error error_of(const PGresult* result) {
    const std::string_view state = state_of(result);
    // Without the detail: it quotes the values of the row.
    std::string cause =
        fmt::format("PostgreSQL: {} ({})", field(result, PG_DIAG_MESSAGE_PRIMARY), state);
    if (state == "23505") {  // unique_violation
        return {ErrorCode::kInvalidArgument, "a row with these values exists already",
                unique_place(result), std::move(cause)};
    }
    const ErrorCode code = code_of(state);
    std::string where;
    if (state.starts_with("23")) {
        const std::string name = field(result, PG_DIAG_CONSTRAINT_NAME);
        where = "constraint:" + (name.empty() ? field(result, PG_DIAG_COLUMN_NAME) : name);
    }
    return {code, sentence_of(state, code), std::move(where), std::move(cause)};
}

base::Error connection_error(const PGconn* connection, std::string_view sentence) {
    std::string message = PQerrorMessage(connection);
    while (message.ends_with('\n')) message.pop_back();
    return {ErrorCode::kUnavailable, std::string(sentence), {}, "PostgreSQL: " + message};
}

bool is_conflict(std::string_view state) {
    return state == "40001" || state == "40P01";  // serialization_failure, deadlock_detected
}

bool needs_new_connection(std::string_view state) {
    // A lost connection has no state. 57P01-57P05: the server stops or starts. 25006: a standby has
    // taken the address. 0A000 and 26000: what was prepared does not fit the schema any more, or
    // was prepared on another connection of a pooler.
    return state.empty() || (state.starts_with("08") && state != "08P01") ||
           state.starts_with("57P") || state == "25006" || state == "0A000" || state == "26000";
}

}  // namespace vmsecurity::sql::postgres
