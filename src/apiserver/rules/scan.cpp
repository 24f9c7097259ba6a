#include "apiserver/rules/scan.h"

#include <fmt/format.h>

#include "apiserver/rules/fields.h"

namespace vmsecurity::apiserver {

namespace {

bool is_last_state(std::string_view state) {
    return state == "Done" || state == "Failed";
}

base::Result<void> check(ObjectWrite& write) {
    VMSECURITY_TRY(check_relation(*write.after, "scanConfig"));
    if (write.before != nullptr) {
        const std::string_view before = text_at(*write.before, {"scanConfig", "id"});
        const std::string_view after = text_at(*write.after, {"scanConfig", "id"});
        if (before != after) {
            return base::fail(field_error(
                "/scanConfig/id",
                fmt::format("a scan stays with its scan config; this one's is '{}', not '{}'",
                            before, after)));
        }
    }
    if (is_last_state(text_at(*write.after, {"state"})) &&
        at_path(*write.after, {"endTime"}) == nullptr) {
        (*write.after)["endTime"] = time_text(write.now);
    }
    return {};
}

std::optional<std::string> unique_key(const boost::json::object& scan) {
    const std::string_view config = text_at(scan, {"scanConfig", "id"});
    if (config.empty() || at_path(scan, {"endTime"}) != nullptr) return std::nullopt;
    return join_key({config});
}

std::string conflict(const boost::json::object& scan) {
    return fmt::format("Scan that has not ended exists with scanConfig.id={}",
                       text_at(scan, {"scanConfig", "id"}));
}

}  // namespace

const TypeRules& scan_rules() {
    static constexpr TypeRules kRules{"scans", check, unique_key, conflict};
    return kRules;
}

}  // namespace vmsecurity::apiserver
