#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vmsecurity::model::schema {

// Where one is in a JSON value, as a pointer (RFC 6901). Steps end with the object that push()
// gave.
class JsonPointer {
  public:
    class Step {
      public:
        Step(JsonPointer& pointer, std::size_t length) : pointer_(pointer), length_(length) {}
        ~Step() { pointer_.text_.resize(length_); }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

      private:
        JsonPointer& pointer_;
        std::size_t length_;
    };

    Step push(std::string_view member) {
        const std::size_t length = text_.size();
        text_ += '/';
        for (const char c : member) {
            if (c == '~') {
                text_ += "~0";
            } else if (c == '/') {
                text_ += "~1";
            } else {
                text_ += c;
            }
        }
        return {*this, length};
    }
    Step push(std::size_t index) { return push(std::to_string(index)); }

    const std::string& text() const { return text_; }

  private:
    std::string text_;
};

}  // namespace vmsecurity::model::schema
