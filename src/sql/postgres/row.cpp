#include "sql/postgres/row.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "sql/postgres/types.h"

namespace vmsecurity::sql::postgres {
namespace {

// An integer of a binary column, if it is of such a type. The size is checked: the server may be
// anything.
std::optional<std::int64_t> binary_integer(std::string_view value, Oid type) {
    const base::ByteSpan bytes = base::as_bytes(value);
    switch (type) {
        case oid::kInt8:
            if (bytes.size() != 8) return 0;
            return static_cast<std::int64_t>(base::load_be<std::uint64_t>(bytes, 0));
        case oid::kInt4:
            if (bytes.size() != 4) return 0;
            return static_cast<std::int32_t>(base::load_be<std::uint32_t>(bytes, 0));
        case oid::kOid:
            if (bytes.size() != 4) return 0;
            return base::load_be<std::uint32_t>(bytes, 0);
        case oid::kInt2:
            if (bytes.size() != 2) return 0;
            return static_cast<std::int16_t>(base::load_be<std::uint16_t>(bytes, 0));
        case oid::kBool:
            return value == std::string_view("\1", 1) ? 1 : 0;
        default:
            return std::nullopt;
    }
}

std::optional<double> binary_real(std::string_view value, Oid type) {
    const base::ByteSpan bytes = base::as_bytes(value);
    if (type == oid::kFloat8 && bytes.size() == 8) {
        return std::bit_cast<double>(base::load_be<std::uint64_t>(bytes, 0));
    }
    if (type == oid::kFloat4 && bytes.size() == 4) {
        return std::bit_cast<float>(base::load_be<std::uint32_t>(bytes, 0));
    }
    return std::nullopt;
}

double parse_real(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Saturates where a double has no integer.
std::int64_t truncated(double value) {
    if (std::isnan(value)) return 0;
    if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
    if (value < -0x1p63) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(value);
}

std::int64_t parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return value;
    if (text == "t") return 1;  // a boolean in text format
    return truncated(parse_real(text));
}

std::string unescape_bytea(std::string_view text) {
    std::size_t size = 0;
    const auto free = [](unsigned char* bytes) { PQfreemem(bytes); };
    const std::string copy(text);
    const std::unique_ptr<unsigned char, decltype(free)> bytes(
        PQunescapeBytea(reinterpret_cast<const unsigned char*>(copy.c_str()), &size), free);
    return bytes ? std::string(reinterpret_cast<const char*>(bytes.get()), size) : std::string();
}

}  // namespace

std::string_view PostgresRow::bytes(int column) const {
    return {PQgetvalue(result_, row_, column),
            static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t PostgresRow::integer(int column) const {
    const std::string_view value = bytes(column);
    if (!is_binary(column)) return parse_integer(value);
    const Oid type = PQftype(result_, column);
    if (const auto integer = binary_integer(value, type)) return *integer;
    if (const auto real = binary_real(value, type)) return truncated(*real);
    return parse_integer(value);
}

double PostgresRow::real(int column) const {
    const std::string_view value = bytes(column);
    if (!is_binary(column)) return parse_real(value);
    const Oid type = PQftype(result_, column);
    if (const auto real = binary_real(value, type)) return *real;
    if (const auto integer = binary_integer(value, type)) return static_cast<double>(*integer);
    return parse_real(value);
}

std::string_view PostgresRow::text(int column) const {
    const std::string_view value = bytes(column);
    const Oid type = PQftype(result_, column);
    if (is_null(column)) return {};
    if (!is_binary(column)) {
        if (type != oid::kBytea) return value;
        return made_.emplace_back(unescape_bytea(value));
    }
    if (const auto integer = binary_integer(value, type)) {
        return made_.emplace_back(fmt::format("{}", *integer));
    }
    if (const auto real = binary_real(value, type)) {
        return made_.emplace_back(fmt::format("{}", *real));
    }
    return value;
}

}  // namespace vmsecurity::sql::postgres
