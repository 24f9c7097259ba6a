// Made by tools/apigen from api/openapi.yaml.
#include "model/api/types.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace vmsecurity::model::api {
namespace {

template <std::size_t kCount, typename Enum>
bool parse_word(const std::string_view (&words)[kCount], std::string_view text, Enum& value) {
    const auto found = std::ranges::find(words, text);
    if (found == std::end(words)) return false;
    value = static_cast<Enum>(found - std::begin(words));
    return true;
}

constexpr std::string_view kWordsOfFlawSeverity[] = {"LOW", "MEDIUM", "HIGH"};
constexpr std::string_view kWordsOfSettingSeverity[] = {"Weak", "Grave"};

}  // namespace

std::string_view to_string(FlawSeverity value) {
    return kWordsOfFlawSeverity[static_cast<std::size_t>(value)];
}
bool parse(std::string_view text, FlawSeverity& value) {
    return parse_word(kWordsOfFlawSeverity, text, value);
}

std::string_view to_string(SettingSeverity value) {
    return kWordsOfSettingSeverity[static_cast<std::size_t>(value)];
}
bool parse(std::string_view text, SettingSeverity& value) {
    return parse_word(kWordsOfSettingSeverity, text, value);
}

}  // namespace vmsecurity::model::api
