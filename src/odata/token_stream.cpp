#include "odata/token_stream.h"

#include <fmt/format.h>

#include "base/text.h"
#include "odata/limits.h"
#include "odata/problem.h"

namespace vmsecurity::odata {

base::Result<TokenStream> TokenStream::open(std::string_view text, std::string_view target) {
    if (text.size() > kMaxTextBytes) {
        return fail_at(
            target, kMaxTextBytes,
            fmt::format("{} has {} bytes; {} are allowed.", target, text.size(), kMaxTextBytes));
    }
    if (!base::is_valid_utf8(text)) {
        return fail_at(target, 0, fmt::format("{} is not UTF-8.", target));
    }
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        return fail_at(target, zero, "The character U+0000 is not allowed.");
    }
    TokenStream stream(text, target);
    VMSECURITY_TRY(stream.advance());
    if (stream.at_end()) {
        return fail_at(
            target, 0,
            fmt::format("{} is empty. Leave the option out, or give it a value.", target));
    }
    return stream;
}

bool TokenStream::at_word(std::string_view word) const {
    return at_name() && base::to_lower(current_.text) == word;
}

bool TokenStream::followed_by(char symbol) const {
    const std::size_t next = current_.position + current_.text.size();
    return next < text_.size() && text_[next] == symbol;
}

base::Result<void> TokenStream::advance() {
    VMSECURITY_ASSIGN(current_, lexer_.next());
    return {};
}

base::Result<bool> TokenStream::accept(char symbol) {
    if (!current_.is(symbol)) return false;
    VMSECURITY_TRY(advance());
    return true;
}

base::Result<void> TokenStream::expect(char symbol, std::string_view why) {
    if (!current_.is(symbol)) return unexpected(fmt::format("'{}' {}", symbol, why));
    return advance();
}

base::Result<Name> TokenStream::expect_name(std::string_view what) {
    if (!at_name() || current_.text.front() == '$') return unexpected(what);
    Name name{std::string(current_.text), current_.position};
    VMSECURITY_TRY(advance());
    return name;
}

base::Result<void> TokenStream::spend(std::size_t position) {
    if (++nodes_ <= kMaxNodes) return {};
    return fail(position, fmt::format("{} has more than {} parts. Split the query, or write long "
                                      "lists as `name in ('a','b')`.",
                                      target_, kMaxNodes));
}

tl::unexpected<base::Error> TokenStream::unexpected(std::string_view expected) const {
    if (at_end()) return fail(current_.position, fmt::format("{} is missing here.", expected));
    std::string text(current_.text.substr(0, 40));
    while (!base::is_valid_utf8(text)) text.pop_back();
    return fail(current_.position, fmt::format("Found {} where {} is expected.", text, expected));
}

tl::unexpected<base::Error> TokenStream::fail(std::size_t position, std::string message) const {
    return fail_at(target_, position, std::move(message));
}

}  // namespace vmsecurity::odata
