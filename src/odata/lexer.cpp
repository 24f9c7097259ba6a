#include "odata/lexer.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "odata/problem.h"

namespace vmsecurity::odata {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

bool is_name_part(char c) {
    return (is_name_start(c) && c != '$') || is_digit(c);
}

// The bytes of the code point at `offset`, for messages.
std::string_view code_point_at(std::string_view text, std::size_t offset) {
    std::size_t end = offset + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    return text.substr(offset, end - offset);
}

}  // namespace

base::Result<Token> Lexer::next() {
    while (at_white_space()) ++offset_;
    if (offset_ == text_.size()) return Token{TokenKind::kEnd, offset_, {}, {}};
    const char c = text_[offset_];
    if (c == '\'') return string_literal();
    if (is_digit(c)) return number_or_time();
    const std::size_t start = offset_;
    if (is_name_start(c)) {
        while (++offset_ < text_.size() && is_name_part(text_[offset_])) {
        }
        return Token{TokenKind::kName, start, text_.substr(start, offset_ - start), {}};
    }
    if (std::string_view("(),/.:;=*-").find(c) != std::string_view::npos) {
        ++offset_;
        return Token{TokenKind::kSymbol, start, text_.substr(start, 1), {}};
    }
    return fail_at(target_, start,
                   fmt::format("'{}' cannot stand here. Put text in single quotes.",
                               base::escape_bytes(code_point_at(text_, start))));
}

base::Result<Token> Lexer::string_literal() {
    const std::size_t start = offset_++;
    std::string value;
    for (; offset_ < text_.size(); ++offset_) {
        if (text_[offset_] == '\'') {
            if (offset_ + 1 == text_.size() || text_[offset_ + 1] != '\'') {
                ++offset_;
                return Token{TokenKind::kLiteral, start, text_.substr(start, offset_ - start),
                             std::move(value)};
            }
            ++offset_;
        }
        value += text_[offset_];
    }
    return fail_at(target_, start,
                   "The text that starts here has no closing quote. A quote inside a text is "
                   "written twice: 'it''s'.");
}

base::Result<Token> Lexer::number_or_time() {
    const std::size_t start = offset_;
    const std::string_view rest = text_.substr(start);
    const auto is_date = [&] {
        if (rest.size() < 5) return false;
        for (std::size_t i = 0; i < 4; ++i) {
            if (!is_digit(rest[i])) return false;
        }
        return rest[4] == '-' && rest.size() > 5 && is_digit(rest[5]);
    };
    if (is_date()) {
        std::size_t length = rest.find_first_not_of("0123456789-+:.TtZz");
        if (length == std::string_view::npos) length = rest.size();
        offset_ += length;
        const std::string_view text = rest.substr(0, length);
        const std::optional<Instant> instant = parse_instant(text);
        if (!instant) {
            return fail_at(target_, start,
                           fmt::format("'{}' is no date or time. Write 2023-01-20 or "
                                       "2023-01-20T15:46:18Z; a '+' of an offset must be "
                                       "percent-encoded as %2B.",
                                       text));
        }
        return Token{TokenKind::kLiteral, start, text, *instant};
    }

    std::size_t length = 0;
    bool real = false;
    const auto skip_digits = [&] {
        const std::size_t first = length;
        while (length < rest.size() && is_digit(rest[length])) ++length;
        return length > first;
    };
    skip_digits();
    bool good = true;
    if (length < rest.size() && rest[length] == '.') {
        ++length;
        real = true;
        good = skip_digits();
    }
    if (good && length < rest.size() && (rest[length] == 'e' || rest[length] == 'E')) {
        ++length;
        real = true;
        if (length < rest.size() && (rest[length] == '+' || rest[length] == '-')) ++length;
        good = skip_digits();
    }
    if (length < rest.size() && is_name_part(rest[length])) good = false;
    if (!good) {
        return fail_at(target_, start + length,
                       "The number ends wrongly here. Write 12, 1.5 or 1e6; put text in single "
                       "quotes.");
    }
    offset_ += length;
    const std::string_view text = rest.substr(0, length);
    Token token{TokenKind::kLiteral, start, text, {}};
    std::int64_t integer = 0;
    if (!real && std::from_chars(text.data(), text.data() + length, integer).ec == std::errc()) {
        token.value = integer;
        return token;
    }
    double number = 0;
    if (std::from_chars(text.data(), text.data() + length, number).ec != std::errc()) {
        return fail_at(target_, start, fmt::format("{} is too large or too small a number.", text));
    }
    token.value = number;
    return token;
}

}  // namespace vmsecurity::odata
