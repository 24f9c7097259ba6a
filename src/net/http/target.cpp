#include "net/http/target.h"

#include <fmt/format.h>

#include <algorithm>

namespace vmsecurity::net {
namespace {

using base::ErrorCode;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Where the path of an absolute-form target begins; 0 for origin form, npos for neither.
std::size_t path_start(std::string_view target) {
    if (target.starts_with('/')) return 0;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
        return std::min(target.find_first_of("/?", scheme.size()), target.size());
    }
    return std::string_view::npos;
}

}  // namespace

base::Result<std::string> percent_decode(std::string_view text, PlusSign plus, std::size_t offset) {
    std::string out;
    out.reserve(text.size());
    const auto refuse_nul = [&](std::size_t at) {
        return base::fail(ErrorCode::kInvalidArgument, "the address holds a NUL (%00)",
                          fmt::format("offset {}", offset + at));
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\0') return refuse_nul(i);
        if (text[i] == '+' && plus == PlusSign::kIsSpace) {
            out.push_back(' ');
        } else if (text[i] != '%') {
            out.push_back(text[i]);
        } else {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return base::fail(ErrorCode::kInvalidArgument,
                                  "a % in the address is not followed by two hexadecimal digits",
                                  fmt::format("offset {}", offset + i));
            }
            const char decoded = static_cast<char>(high * 16 + low);
            if (decoded == '\0') return refuse_nul(i);
            out.push_back(decoded);
            i += 2;
        }
    }
    return out;
}

base::Result<std::vector<QueryParameter>> parse_query(std::string_view query, std::size_t offset) {
    std::vector<QueryParameter> parameters;
    while (!query.empty()) {
        const std::string_view one = query.substr(0, query.find('&'));
        if (!one.empty()) {
            if (parameters.size() == kMaxQueryParameters) {
                return base::fail(
                    ErrorCode::kInvalidArgument,
                    fmt::format("the address has more than {} parameters", kMaxQueryParameters),
                    fmt::format("offset {}", offset));
            }
            const std::size_t equals = one.find('=');
            const std::size_t value = equals == std::string_view::npos ? one.size() : equals + 1;
            VMSECURITY_ASSIGN(std::string decoded_name,
                              percent_decode(one.substr(0, equals), PlusSign::kIsSpace, offset));
            VMSECURITY_ASSIGN(
                std::string decoded_value,
                percent_decode(one.substr(value), PlusSign::kIsSpace, offset + value));
            parameters.push_back(
                {std::move(decoded_name), std::move(decoded_value), offset + value});
        }
        const std::size_t used = std::min(one.size() + 1, query.size());
        query.remove_prefix(used);
        offset += used;
    }
    return parameters;
}

base::Result<Target> parse_target(std::string_view target) {
    if (target == "*") return Target{"*", {}};
    const std::string_view whole = target.substr(0, target.find('#'));
    const std::size_t start = path_start(whole);
    if (start == std::string_view::npos) {
        return base::fail(ErrorCode::kInvalidArgument, "the address of a request begins with /",
                          "offset 0");
    }
    const std::size_t question = whole.find('?', start);
    Target parts;
    VMSECURITY_ASSIGN(
        parts.path,
        percent_decode(
            whole.substr(start, question == std::string_view::npos ? question : question - start),
            PlusSign::kIsPlus, start));
    if (parts.path.empty()) parts.path.push_back('/');
    if (question != std::string_view::npos) {
        VMSECURITY_ASSIGN(parts.query, parse_query(whole.substr(question + 1), question + 1));
    }
    return parts;
}

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                c == '~';
        if (unreserved) {
            out.push_back(c);
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
        }
    }
    return out;
}

}  // namespace vmsecurity::net
