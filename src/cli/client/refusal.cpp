#include "cli/client/refusal.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/console/text_table.h"
#include "cli/exit_status.h"
#include "codec/json.h"
#include "net/http/status.h"

namespace vmsecurity::cli {
namespace {

constexpr std::size_t kExpressionWidth = 100;
constexpr std::size_t kMaxPlainText = 500;  // of an answer that is no JSON, of a proxy

const QueryOption* option_named(const std::vector<QueryOption>& options, std::string_view name) {
    const auto found = std::ranges::find(options, name, &QueryOption::name);
    return found == options.end() || found->flag.empty() ? nullptr : &*found;
}

// Back to where a code point begins.
std::size_t boundary(std::string_view text, std::size_t at) {
    while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) {
        --at;
    }
    return at;
}

void append_details(std::string& text, const boost::json::object& body) {
    const auto* details = codec::array_member(body, "details");
    if (details == nullptr) return;
    for (const auto& one : *details) {
        if (!one.is_object()) continue;
        text += fmt::format(
            "\n  {}: {}",
            base::printable(std::string(codec::text_member(one.get_object(), "target"))),
            base::printable(std::string(codec::text_member(one.get_object(), "message"))));
    }
}

}  // namespace

std::string point_at(std::string_view label, std::string_view expression, std::size_t position,
                     std::size_t width) {
    position = boundary(expression, std::min(position, expression.size()));
    std::size_t begin = 0;
    if (expression.size() > width && position > width / 2) {
        begin = boundary(expression, position - width / 2);
    }
    const std::size_t end = boundary(expression, std::min(expression.size(), begin + width));
    // What a terminal shows of the part before the place may be longer than that part.
    const std::string before =
        (begin > 0 ? "…" : "") +
        base::printable(std::string(expression.substr(begin, position - begin)));
    const std::string after =
        base::printable(std::string(expression.substr(position, end - position))) +
        (end < expression.size() ? "…" : "");
    return fmt::format("{}{}{}\n{}^", label, before, after,
                       std::string(display_width(label) + display_width(before), ' '));
}

std::string describe_refusal(const net::Response& response,
                             const std::vector<QueryOption>& options) {
    const auto body = codec::parse_json(response.body);
    if (!body || !body->is_object()) {
        std::string line = response.body.substr(0, response.body.find('\n'));
        line.resize(std::min(line.size(), kMaxPlainText));
        std::string text = fmt::format("the server answered {} {}", response.status,
                                       net::reason_phrase(response.status));
        if (!line.empty()) text += ": " + base::printable(std::move(line));
        return text;
    }
    const auto& object = body->get_object();
    const std::string_view target = codec::text_member(object, "target");
    std::string text = base::printable(std::string(codec::text_member(object, "message")));
    if (text.empty()) text = fmt::format("the server answered {}", response.status);
    if (const QueryOption* option = option_named(options, target)) {
        const auto* position = object.if_contains("position");
        if (position != nullptr && position->is_int64() && position->get_int64() >= 0) {
            text +=
                '\n' + point_at(fmt::format("  {}  ", option->flag), option->value,
                                static_cast<std::size_t>(position->get_int64()), kExpressionWidth);
        } else {
            text += fmt::format(" ({})", option->flag);
        }
    } else if (!target.empty() && codec::array_member(object, "details") == nullptr) {
        text += fmt::format(" ({})", base::printable(std::string(target)));
    }
    append_details(text, object);
    return text;
}

int exit_status_of(const net::Response& response) {
    switch (response.status) {
        case 400:
        case 405:
        case 413:
        case 415:
        case 422:
            return kUsage;
        default:
            return kFailed;
    }
}

}  // namespace vmsecurity::cli
