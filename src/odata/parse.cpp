#include "odata/parse.h"

#include <fmt/format.h>

#include "base/text.h"
#include "odata/limits.h"
#include "odata/options_parser.h"
#include "odata/problem.h"

namespace vmsecurity::odata {
namespace {

// Runs `read` on a text and refuses what is left behind it.
template <typename Read>
auto parse_whole(std::string_view text, std::string_view target, Read&& read)
    -> decltype(read(std::declval<TokenStream&>())) {
    VMSECURITY_ASSIGN(TokenStream tokens, TokenStream::open(text, target));
    auto made = read(tokens);
    if (made && !tokens.at_end()) return tokens.unexpected("the end, or an operator before it,");
    return made;
}

base::Result<bool> parse_boolean(std::string_view text, std::string_view target) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail_at(target, 0, fmt::format("{} is true or false.", target));
}

base::Result<std::uint64_t> parse_number(std::string_view text, std::string_view target) {
    const std::optional<std::uint64_t> number = base::parse_unsigned(text);
    if (number && *number <= static_cast<std::uint64_t>(INT64_MAX)) return *number;
    return fail_at(target, 0, fmt::format("{} is a whole number from 0.", target));
}

}  // namespace

std::uint64_t mix_fingerprint(std::uint64_t fingerprint, std::string_view text) {
    // FNV-1a; the length parts ("a","b") from ("ab","").
    constexpr std::uint64_t kPrime = 1099511628211ULL;
    for (const char c : text) fingerprint = (fingerprint ^ static_cast<unsigned char>(c)) * kPrime;
    return (fingerprint ^ text.size()) * kPrime;
}

base::Result<Expression> parse_expression(std::string_view text, std::string_view target) {
    return parse_whole(text, target,
                       [](TokenStream& tokens) { return ExpressionParser(tokens).expression(); });
}

base::Result<Options> parse(const QueryText& text) {
    Options options;
    options.fingerprint = 14695981039346656037ULL;
    for (const auto& part : {text.filter, text.orderby, text.apply}) {
        options.fingerprint = mix_fingerprint(options.fingerprint, part.value_or(""));
    }
    if (text.filter) {
        VMSECURITY_ASSIGN(options.filter, parse_expression(*text.filter, "$filter"));
    }
    if (text.orderby) {
        VMSECURITY_ASSIGN(options.orderby,
                          parse_whole(*text.orderby, "$orderby", [](TokenStream& tokens) {
                              return OptionsParser(tokens).order_items();
                          }));
    }
    if (text.select) {
        VMSECURITY_ASSIGN(options.select,
                          parse_whole(*text.select, "$select", [](TokenStream& tokens) {
                              return OptionsParser(tokens).items(false);
                          }));
    }
    if (text.expand) {
        VMSECURITY_ASSIGN(options.expand,
                          parse_whole(*text.expand, "$expand", [](TokenStream& tokens) {
                              return OptionsParser(tokens).items(true);
                          }));
    }
    if (text.apply) {
        VMSECURITY_ASSIGN(options.apply,
                          parse_whole(*text.apply, "$apply", [](TokenStream& tokens) {
                              return OptionsParser(tokens).apply();
                          }));
    }
    if (text.count) {
        VMSECURITY_ASSIGN(options.count, parse_boolean(*text.count, "$count"));
    }
    // 0.6 took a negative $top as "no limit", and clients send -1.
    if (text.top && !text.top->starts_with('-')) {
        VMSECURITY_ASSIGN(options.top, parse_number(*text.top, "$top"));
    } else if (text.top) {
        VMSECURITY_TRY(parse_number(text.top->substr(1), "$top"));
    }
    if (text.skip) {
        VMSECURITY_ASSIGN(options.skip, parse_number(*text.skip, "$skip"));
    }
    if (text.skiptoken) options.skiptoken = std::string(*text.skiptoken);
    return options;
}

}  // namespace vmsecurity::odata
