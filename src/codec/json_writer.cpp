#include "codec/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "base/text.h"

namespace vmsecurity::codec {
namespace {

// Control characters and DEL, which RFC 8259 allows bare and terminals do not like.
bool needs_escape(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F || c == '"' || c == '\\';
}

// True if `text` can stand between quotes as it is: ASCII, nothing to escape. Eight bytes at a
// time, by the usual tests for a byte of a word that is below or equal to a constant.
bool is_plain(std::string_view text) {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighs = 0x8080808080808080;
    const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
    std::uint64_t found = 0;
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof(word));
        found |= (word & kHighs) | ((word - kOnes * 0x20) & ~word & kHighs) |
                 has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\')) |
                 has_zero(word ^ (kOnes * 0x7F));
    }
    return found == 0 && std::ranges::none_of(text.substr(at), [](char c) {
               return needs_escape(c) || static_cast<unsigned char>(c) > 0x7F;
           });
}

}  // namespace

void JsonWriter::begin(char bracket) {
    separate();
    out_ += bracket;
    has_content_.push_back(false);
}

void JsonWriter::end(char bracket) {
    const bool had_content = has_content_.back();
    has_content_.pop_back();
    if (had_content) new_line();
    out_ += bracket;
}

void JsonWriter::key(std::string_view name) {
    separate();
    quoted(name);
    out_ += indent_ == 0 ? ":" : ": ";
    after_key_ = true;
}

void JsonWriter::value(std::string_view text) {
    separate();
    quoted(text);
}

void JsonWriter::value(bool truth) {
    separate();
    out_ += truth ? "true" : "false";
}

void JsonWriter::value(double number) {
    if (!std::isfinite(number)) {
        null();
        return;
    }
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", number);
}

void JsonWriter::null() {
    separate();
    out_ += "null";
}

void JsonWriter::signed_number(std::int64_t number) {
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", number);
}

void JsonWriter::unsigned_number(std::uint64_t number) {
    separate();
    fmt::format_to(std::back_inserter(out_), "{}", number);
}

// Puts what has to stand between the last thing written and the next one.
void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (has_content_.empty()) return;
    if (has_content_.back()) out_ += ',';
    has_content_.back() = true;
    new_line();
}

void JsonWriter::new_line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(indent_ * has_content_.size(), ' ');
}

void JsonWriter::quoted(std::string_view text) {
    if (is_plain(text)) {
        out_ += '"';
        out_ += text;
        out_ += '"';
        return;
    }
    std::string escaped;
    if (!base::is_valid_utf8(text)) {
        escaped = base::escape_bytes(text);
        text = escaped;
    }
    out_ += '"';
    while (!text.empty()) {
        const auto special = std::ranges::find_if(text, needs_escape);
        out_.append(text.begin(), special);
        text = {special, text.end()};
        if (text.empty()) break;
        escape(text.front());
        text.remove_prefix(1);
    }
    out_ += '"';
}

void JsonWriter::escape(char c) {
    switch (c) {
        case '"':
            out_ += "\\\"";
            break;
        case '\\':
            out_ += "\\\\";
            break;
        case '\n':
            out_ += "\\n";
            break;
        case '\t':
            out_ += "\\t";
            break;
        case '\r':
            out_ += "\\r";
            break;
        default:
            fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned char>(c));
    }
}

}  // namespace vmsecurity::codec
