#include "apiserver/rules/named.h"

#include <fmt/format.h>

#include <array>

#include "apiserver/rules/fields.h"

namespace vmsecurity::apiserver {

namespace {

base::Result<void> require_name(ObjectWrite& write) {
    if (!text_at(*write.after, {"name"}).empty()) return {};
    return base::fail(field_error("/name", "name is a required field and must not be empty"));
}

std::optional<std::string> by_display_name(const boost::json::object& object) {
    const std::string_view name = text_at(object, {"displayName"});
    if (name.empty()) return std::nullopt;
    return std::string(name);
}

std::optional<std::string> by_name(const boost::json::object& object) {
    return std::string(text_at(object, {"name"}));
}

std::optional<std::string> by_owner_and_name(const boost::json::object& object) {
    return join_key({text_at(object, {"owner"}), text_at(object, {"name"})});
}

std::optional<std::string> by_kind_and_name(const boost::json::object& object) {
    return join_key({text_at(object, {"kind"}), text_at(object, {"name"})});
}

std::string display_name_conflict(const boost::json::object& object) {
    return fmt::format("Provider exists with displayName={}", text_at(object, {"displayName"}));
}

std::string name_conflict(const boost::json::object& object) {
    return fmt::format("An object exists with name={}", text_at(object, {"name"}));
}

constexpr std::array<TypeRules, 5> kRules = {{
    {"providers", nullptr, by_display_name, display_name_conflict},
    {"users", require_name, by_name, name_conflict},
    {"savedViews", require_name, by_owner_and_name, name_conflict},
    {"notificationRules", require_name, by_name, name_conflict},
    {"databases", require_name, by_kind_and_name, name_conflict},
}};

}  // namespace

std::span<const TypeRules> named_rules() {
    return kRules;
}

}  // namespace vmsecurity::apiserver
