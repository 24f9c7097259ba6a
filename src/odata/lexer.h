#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "odata/syntax.h"

namespace vmsecurity::odata {

enum class TokenKind : std::uint8_t {
    kEnd,
    kName,     // also operators and $names: "eq", "$count"
    kLiteral,  // `value` holds it
    kSymbol,   // one of ( ) , / . : ; = * -
};

struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::size_t position = 0;
    std::string_view text;
    Constant value;

    bool is(char symbol) const { return kind == TokenKind::kSymbol && text.front() == symbol; }
};

// Cuts an option's text into tokens, one at a time. White space (space, tab) parts tokens and is
// otherwise ignored. null, true and false are literals only where the parser expects an operand.
class Lexer {
  public:
    Lexer(std::string_view text, std::string_view target) : text_(text), target_(target) {}

    base::Result<Token> next();
    bool at_white_space() const {
        return offset_ < text_.size() && (text_[offset_] == ' ' || text_[offset_] == '\t');
    }

  private:
    base::Result<Token> string_literal();
    base::Result<Token> number_or_time();

    std::string_view text_;
    std::string_view target_;
    std::size_t offset_ = 0;
};

}  // namespace vmsecurity::odata
