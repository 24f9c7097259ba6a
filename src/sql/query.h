#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/connection.h"
#include "sql/statement.h"

namespace vmsecurity::sql {

// Parameters written at the call: bind(id, 7, std::nullopt).
inline Value to_value(std::nullopt_t /*null*/) {
    return std::monostate{};
}
inline Value to_value(bool value) {
    return value;
}
template <std::integral T>
    requires(!std::same_as<T, bool>)
Value to_value(T value) {
    return static_cast<std::int64_t>(value);
}
inline Value to_value(double value) {
    return value;
}
inline Value to_value(std::string_view value) {
    return std::string(value);
}
inline Value to_value(const char* value) {
    return std::string(value);
}
inline Value to_value(std::string value) {
    return value;
}
inline Value to_value(Blob value) {
    return value;
}
inline Value to_value(Value value) {
    return value;
}
template <typename T>
Value to_value(std::optional<T> value) {
    return value ? to_value(std::move(*value)) : Value{};
}

template <typename... Args>
std::vector<Value> bind(Args&&... values) {
    std::vector<Value> parameters;
    parameters.reserve(sizeof...(values));
    (parameters.push_back(to_value(std::forward<Args>(values))), ...);
    return parameters;
}

// A column as a T. std::optional<T>: empty for NULL.
template <typename T>
T column(const Row& row, int index) {
    if constexpr (std::same_as<T, bool>) {
        return row.integer(index) != 0;
    } else if constexpr (std::integral<T>) {
        return static_cast<T>(row.integer(index));
    } else if constexpr (std::same_as<T, double>) {
        return row.real(index);
    } else if constexpr (std::same_as<T, std::string>) {
        return std::string(row.text(index));
    } else if constexpr (std::same_as<T, Blob>) {
        return Blob{std::string(row.text(index))};
    } else {
        if (row.is_null(index)) return T{};
        return T{column<typename T::value_type>(row, index)};
    }
}

// The first row, given to `read`; false if there is none.
template <typename Read>
base::Result<bool> query_one(Connection& connection, std::string_view text,
                             std::span<const Value> parameters, const Read& read) {
    bool found = false;
    VMSECURITY_TRY(connection.query(text, parameters, [&](const Row& row) {
        read(row);
        found = true;
        return false;
    }));
    return found;
}

// The first column of the first row; empty if there is no row or it is NULL.
template <typename T>
base::Result<std::optional<T>> query_value(Connection& connection, std::string_view text,
                                           std::span<const Value> parameters = {}) {
    std::optional<T> value;
    VMSECURITY_TRY(connection.query(text, parameters, [&](const Row& row) {
        value = column<std::optional<T>>(row, 0);
        return false;
    }));
    return value;
}

// The first column of every row.
template <typename T>
base::Result<std::vector<T>> query_column(Connection& connection, std::string_view text,
                                          std::span<const Value> parameters = {}) {
    std::vector<T> values;
    VMSECURITY_TRY(connection.query(text, parameters, [&](const Row& row) {
        values.push_back(column<T>(row, 0));
        return true;
    }));
    return values;
}

}  // namespace vmsecurity::sql
