#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::codec {

// Writes one JSON text (RFC 8259) front to back. The output is always UTF-8: a string that is not
// is written as base::escape_bytes shows it. The caller nests begin and end correctly and gives
// each member of an object a key first.
class JsonWriter {
  public:
    // `indent`: spaces per level; 0 puts everything on one line without spaces.
    explicit JsonWriter(unsigned indent = 0) : indent_(indent) {}

    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }

    void key(std::string_view name);
    void value(std::string_view text);
    void value(const char* text) { value(std::string_view(text)); }
    void value(bool truth);
    void value(double number);  // null if it is infinite or no number
    template <std::integral T>
    void value(T number) {
        if constexpr (std::signed_integral<T>) {
            signed_number(number);
        } else {
            unsigned_number(number);
        }
    }
    void null();

    template <typename T>
    void member(std::string_view name, const T& content) {
        key(name);
        value(content);
    }

    // The text so far; whole once every begin has met its end.
    const std::string& text() const { return out_; }
    std::string take() { return std::move(out_); }

  private:
    void begin(char bracket);
    void end(char bracket);
    void separate();
    void new_line();
    void quoted(std::string_view text);
    void escape(char c);
    void signed_number(std::int64_t number);
    void unsigned_number(std::uint64_t number);

    std::string out_;
    unsigned indent_;
    std::vector<bool> has_content_;  // one for each open object or array
    bool after_key_ = false;
};

}  // namespace vmsecurity::codec
