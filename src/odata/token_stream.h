#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "odata/lexer.h"

namespace vmsecurity::odata {

// The tokens of one option with one token of look-ahead, and the option's budget of nodes.
class TokenStream {
  public:
    // Refuses texts that are empty, too long, or not UTF-8 without U+0000.
    static base::Result<TokenStream> open(std::string_view text, std::string_view target);

    const Token& current() const { return current_; }
    bool at_end() const { return current_.kind == TokenKind::kEnd; }
    bool at_name() const { return current_.kind == TokenKind::kName; }
    // True if the current token is this name, in any case.
    bool at_word(std::string_view word) const;
    // True if the current token is directly followed by `symbol`.
    bool followed_by(char symbol) const;

    base::Result<void> advance();
    // Goes past `symbol`, or says what was expected.
    base::Result<void> expect(char symbol, std::string_view why);
    base::Result<Name> expect_name(std::string_view what);
    base::Result<bool> accept(char symbol);  // goes past it if it is there

    // Counts a node against the limit of the option.
    base::Result<void> spend(std::size_t position);

    // "$filter at 3": the token that stands here is wrong.
    tl::unexpected<base::Error> unexpected(std::string_view expected) const;
    tl::unexpected<base::Error> fail(std::size_t position, std::string message) const;
    const std::string& target() const { return target_; }

  private:
    TokenStream(std::string_view text, std::string_view target)
        : text_(text), target_(target), lexer_(text, target) {}

    std::string_view text_;
    std::string target_;
    Lexer lexer_;
    Token current_;
    std::size_t nodes_ = 0;
};

}  // namespace vmsecurity::odata
