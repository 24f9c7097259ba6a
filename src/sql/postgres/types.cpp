#include "sql/postgres/types.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "base/bytes.h"

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;

template <typename T>
void append_big_endian(std::string& out, T value) {
    const T swapped = std::endian::native == std::endian::little ? base::byte_swap(value) : value;
    std::array<char, sizeof(T)> bytes{};
    std::memcpy(bytes.data(), &swapped, sizeof(T));
    out.append(bytes.data(), bytes.size());
}

base::Result<void> append_integer(std::string& out, std::int64_t value, Oid type) {
    const auto fits = [&]<typename T>(T) {
        return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
    };
    if (type == oid::kInt8) {
        append_big_endian(out, static_cast<std::uint64_t>(value));
    } else if (type == oid::kInt4 && fits(std::int32_t{})) {
        append_int32(out, static_cast<std::int32_t>(value));
    } else if (type == oid::kInt2 && fits(std::int16_t{})) {
        append_int16(out, static_cast<std::int16_t>(value));
    } else if (type == oid::kFloat8) {
        append_big_endian(out, std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    } else if (type == oid::kBool) {
        out += static_cast<char>(value != 0);
    } else {
        return base::fail(ErrorCode::kInvalidArgument,
                          fmt::format("{} does not fit its column", value));
    }
    return {};
}

struct Appender {
    std::string& out;
    Oid type;

    base::Result<void> operator()(std::monostate) const { return wrong("NULL"); }
    base::Result<void> operator()(bool value) const {
        return append_integer(out, value ? 1 : 0, type);
    }
    base::Result<void> operator()(std::int64_t value) const {
        return append_integer(out, value, type);
    }
    base::Result<void> operator()(double value) const {
        if (type != oid::kFloat8) return wrong("a double");
        append_big_endian(out, std::bit_cast<std::uint64_t>(value));
        return {};
    }
    base::Result<void> operator()(const std::string& value) const {
        if (type != oid::kText && type != oid::kJson) return wrong("a text");
        out += value;
        return {};
    }
    base::Result<void> operator()(const Blob& value) const {
        if (type != oid::kBytea) return wrong("a blob");
        out += value.bytes;
        return {};
    }
    static base::Result<void> wrong(std::string_view what) {
        return base::fail(ErrorCode::kInternal,
                          fmt::format("{} for a column of another type", what));
    }
};

}  // namespace

Oid type_of(const Value& value) {
    static constexpr std::array kTypes{oid::kUnspecified, oid::kBool, oid::kInt8,
                                       oid::kFloat8,      oid::kText, oid::kBytea};
    static_assert(kTypes.size() == std::variant_size_v<Value>);
    return kTypes[value.index()];
}

std::optional<Oid> type_named(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, Oid>, 9> kNames{{
        {"bigint", oid::kInt8},
        {"boolean", oid::kBool},
        {"bytea", oid::kBytea},
        {"double precision", oid::kFloat8},
        {"int", oid::kInt4},
        {"integer", oid::kInt4},
        {"json", oid::kJson},
        {"smallint", oid::kInt2},
        {"text", oid::kText},
    }};
    for (const auto& [known, type] : kNames) {
        if (known == name) return type;
    }
    return std::nullopt;
}

Oid array_of(Oid type) {
    switch (type) {
        case oid::kBool:
            return 1000;
        case oid::kBytea:
            return 1001;
        case oid::kInt2:
            return 1005;
        case oid::kInt4:
            return 1007;
        case oid::kText:
            return 1009;
        case oid::kInt8:
            return 1016;
        case oid::kFloat8:
            return 1022;
        case oid::kJson:
            return 199;
        default:
            return oid::kUnspecified;
    }
}

base::Result<void> append_binary(std::string& out, const Value& value, Oid type) {
    return std::visit(Appender{out, type}, value);
}

void append_int16(std::string& out, std::int16_t value) {
    append_big_endian(out, static_cast<std::uint16_t>(value));
}

void append_int32(std::string& out, std::int32_t value) {
    append_big_endian(out, static_cast<std::uint32_t>(value));
}

bool reads_binary(Oid type) {
    switch (type) {
        case oid::kBool:
        case oid::kBytea:
        case oid::kName:
        case oid::kInt8:
        case oid::kInt2:
        case oid::kInt4:
        case oid::kText:
        case oid::kOid:
        case oid::kJson:
        case oid::kFloat4:
        case oid::kFloat8:
        case oid::kVarchar:
            return true;
        default:
            return false;
    }
}

}  // namespace vmsecurity::sql::postgres
