#include "sql/sqlite/prepared.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <utility>

namespace vmsecurity::sql::sqlite {
namespace {

using base::ErrorCode;

// The number in "$7" or "$7::bigint" (SQLite takes a cast of that form as part of the name), or 0.
std::size_t number_of(const char* name) {
    if (name == nullptr || *name != '$') return 0;
    const std::string_view rest = name + 1;
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const std::string_view suffix(end, rest.data() + rest.size());
    return error == std::errc{} && (suffix.empty() || suffix.starts_with("::")) ? number : 0;
}

struct Binder {
    sqlite3_stmt* statement;
    int index;

    int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
    int operator()(bool value) const { return sqlite3_bind_int(statement, index, value ? 1 : 0); }
    int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
    int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
    int operator()(const std::string& value) const {
        return sqlite3_bind_text64(statement, index, value.data(), value.size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    int operator()(const Blob& value) const {
        // data() of an empty string is not null, so this is an empty blob and not NULL.
        return sqlite3_bind_blob64(statement, index, value.bytes.data(), value.bytes.size(),
                                   SQLITE_STATIC);
    }
};

// PostgreSQL has no such text; SQLite would store it and cut it at the zero here and there.
bool has_nul(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && text->find('\0') != std::string::npos;
}

}  // namespace

base::Result<Prepared> Prepared::compile(sqlite3* handle, std::string_view text) {
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(handle, text.data(), static_cast<int>(text.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, &tail);
    StatementHandle statement(raw);
    if (code != SQLITE_OK) {
        base::Error error = error_of(handle, code, "prepare a statement");
        error.cause += fmt::format(" in: {}", text);
        return base::fail(std::move(error));
    }
    const std::string_view rest(tail, text.data() + text.size());
    if (!statement || rest.find_first_not_of(" \t\n;") != std::string_view::npos) {
        return base::fail(ErrorCode::kInternal, "not exactly one statement", {}, std::string(text));
    }
    std::vector<std::size_t> numbers;
    const int count = sqlite3_bind_parameter_count(raw);
    for (int index = 1; index <= count; ++index) {
        const std::size_t number = number_of(sqlite3_bind_parameter_name(raw, index));
        if (number == 0) {
            return base::fail(ErrorCode::kInternal, "parameters must be named $1, $2, ...", {},
                              std::string(text));
        }
        numbers.push_back(number);
    }
    return Prepared(std::move(statement), std::move(numbers));
}

base::Result<void> Prepared::bind(std::span<const Value> parameters) {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
        if (numbers_[i] > parameters.size()) {
            return base::fail(ErrorCode::kInternal,
                              fmt::format("no value for parameter ${}", numbers_[i]), {},
                              sqlite3_sql(get()));
        }
        const Value& value = parameters[numbers_[i] - 1];
        if (has_nul(value)) {
            return base::fail(ErrorCode::kInvalidArgument, "text must not contain U+0000");
        }
        const int code = std::visit(Binder{get(), static_cast<int>(i) + 1}, value);
        if (code != SQLITE_OK) {
            return base::fail(error_of(sqlite3_db_handle(get()), code, "bind a parameter"));
        }
    }
    return {};
}

void Prepared::reset() {
    sqlite3_reset(get());
    sqlite3_clear_bindings(get());
}

}  // namespace vmsecurity::sql::sqlite
