#include "odata/sql/skiptoken.h"

#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "odata/limits.h"
#include "odata/problem.h"

namespace vmsecurity::odata::sql {
namespace {

using ::vmsecurity::sql::Value;

constexpr char kVersion = 1;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum class Tag : char { kNull, kFalse, kTrue, kInteger, kReal, kText };

std::string to_base64(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(c);
        count += 8;
        while (count >= 6) {
            count -= 6;
            text += kAlphabet[(bits >> count) & 63U];
        }
    }
    if (count > 0) text += kAlphabet[(bits << (6 - count)) & 63U];
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>((bits >> count) & 0xFFU);
        }
    }
    // Anything but one text for one token would be a loophole for caches.
    const bool clean = count < 6 && (bits & ((1U << count) - 1)) == 0;
    return clean ? std::optional(std::move(bytes)) : std::nullopt;
}

void put(std::string& bytes, std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8)
        bytes += static_cast<char>((number >> shift) & 0xFF);
}

void put(std::string& bytes, const Value& value) {
    if (const auto* truth = std::get_if<bool>(&value)) {
        bytes += static_cast<char>(*truth ? Tag::kTrue : Tag::kFalse);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        bytes += static_cast<char>(Tag::kInteger);
        put(bytes, static_cast<std::uint64_t>(*integer));
    } else if (const auto* real = std::get_if<double>(&value)) {
        bytes += static_cast<char>(Tag::kReal);
        put(bytes, std::bit_cast<std::uint64_t>(*real));
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        bytes += static_cast<char>(Tag::kText);
        put(bytes, std::uint64_t{text->size()});
        bytes += *text;
    } else {
        bytes += static_cast<char>(Tag::kNull);
    }
}

class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    std::optional<char> byte() {
        if (bytes_.empty()) return std::nullopt;
        const char c = bytes_.front();
        bytes_.remove_prefix(1);
        return c;
    }

    std::optional<std::uint64_t> number() {
        if (bytes_.size() < 8) return std::nullopt;
        std::uint64_t number = 0;
        for (std::size_t i = 8; i > 0; --i) {
            number = (number << 8) | static_cast<unsigned char>(bytes_[i - 1]);
        }
        bytes_.remove_prefix(8);
        return number;
    }

    std::optional<std::string> text() {
        const auto size = number();
        if (!size || *size > bytes_.size()) return std::nullopt;
        std::string text(bytes_.substr(0, *size));
        bytes_.remove_prefix(*size);
        const bool storable = base::is_valid_utf8(text) && text.find('\0') == std::string::npos;
        return storable ? std::optional(std::move(text)) : std::nullopt;
    }

    // A key, if it has the type that the query sorts by.
    std::optional<Value> key(Basis basis) {
        const auto tag = byte();
        if (!tag) return std::nullopt;
        switch (static_cast<Tag>(*tag)) {
            case Tag::kNull:
                return Value{};
            case Tag::kFalse:
            case Tag::kTrue:
                if (basis != Basis::kBoolean) return std::nullopt;
                return Value{static_cast<Tag>(*tag) == Tag::kTrue};
            case Tag::kInteger: {
                const auto integer = number();
                const bool fits =
                    basis == Basis::kInteger || basis == Basis::kTime || basis == Basis::kRank;
                if (!integer || !fits) return std::nullopt;
                return Value{static_cast<std::int64_t>(*integer)};
            }
            case Tag::kReal: {
                const auto bits = number();
                if (!bits || basis != Basis::kReal) return std::nullopt;
                const auto real = std::bit_cast<double>(*bits);
                return std::isnan(real) ? std::nullopt : std::optional<Value>(real);
            }
            case Tag::kText: {
                auto one = text();
                if (!one || basis != Basis::kText) return std::nullopt;
                return Value{std::move(*one)};
            }
        }
        return std::nullopt;
    }

    bool at_end() const { return bytes_.empty(); }

  private:
    std::string_view bytes_;
};

std::optional<Continuation> read(Reader& reader, const std::vector<Basis>& keys) {
    Continuation made;
    for (const Basis basis : keys) {
        auto key = reader.key(basis);
        if (!key) return std::nullopt;
        made.keys.push_back(std::move(*key));
    }
    const auto row_id = reader.number();
    if (!row_id || !reader.at_end()) return std::nullopt;
    made.row_id = static_cast<std::int64_t>(*row_id);
    return made;
}

}  // namespace

std::string encode(const Continuation& continuation, std::uint64_t fingerprint) {
    std::string bytes(1, kVersion);
    put(bytes, fingerprint);
    for (const Value& key : continuation.keys) put(bytes, key);
    put(bytes, static_cast<std::uint64_t>(continuation.row_id));
    return to_base64(bytes);
}

base::Result<Continuation> decode(std::string_view token, std::uint64_t fingerprint,
                                  const std::vector<Basis>& keys) {
    const auto damaged = [] {
        return fail_at("$skiptoken", 0,
                       "This is no token of this server. Follow @odata.nextLink as it was given.");
    };
    const std::optional<std::string> bytes = from_base64(token);
    if (!bytes) return damaged();
    Reader reader(*bytes);
    if (reader.byte() != kVersion) return damaged();
    const auto made_for = reader.number();
    if (!made_for) return damaged();
    if (*made_for != fingerprint) {
        return fail_at("$skiptoken", 0,
                       "The token belongs to a list with another $filter or $orderby. Keep both "
                       "as they were, or start again without the token.");
    }
    std::optional<Continuation> made = read(reader, keys);
    if (!made) return damaged();
    return std::move(*made);
}

}  // namespace vmsecurity::odata::sql
