#include "families/sbom/os_release/shell_value.h"

#include "base/text.h"

namespace vmsecurity::families::sbom::os_release {
namespace {

// Within double quotes a backslash escapes only these (POSIX.1-2017, Shell Command Language
// §2.2.3).
constexpr std::string_view kEscapable = "$`\"\\";

}  // namespace

std::optional<std::string> unquote(std::string_view text) {
    std::string value;
    char quote = '\0';
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && quote != '\'') {
            if (i + 1 == text.size()) return std::nullopt;
            if (quote == '"' && kEscapable.find(text[i + 1]) == std::string_view::npos) {
                value += c;
            }
            value += text[++i];
        } else if (quote != '\0') {
            if (c == quote) {
                quote = '\0';
            } else {
                value += c;
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == ' ' || c == '\t') {
            break;
        } else {
            value += c;
        }
    }
    if (quote != '\0') return std::nullopt;
    const std::string_view rest = base::trim(text.substr(i));
    if (!rest.empty() && rest.front() != '#') return std::nullopt;
    return value;
}

}  // namespace vmsecurity::families::sbom::os_release
