#include "codec/json_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/text.h"

namespace vmsecurity::codec {

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
    if (!std::isfinite(number)) return null();
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
    std::string escaped;
    if (!base::is_valid_utf8(text)) {
        escaped = base::escape_bytes(text);
        text = escaped;
    }
    out_ += '"';
    for (const char c : text) {
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
                if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7F) {
                    fmt::format_to(std::back_inserter(out_), "\\u{:04x}", byte);
                } else {
                    out_ += c;
                }
        }
    }
    out_ += '"';
}

}  // namespace vmsecurity::codec
