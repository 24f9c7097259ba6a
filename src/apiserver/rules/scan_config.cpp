#include "apiserver/rules/scan_config.h"

#include <fmt/format.h>

#include "apiserver/rules/fields.h"
#include "apiserver/rules/scope.h"
#include "schedule/next_run.h"

namespace vmsecurity::apiserver {

namespace {

base::Result<void> check_name(const ObjectWrite& write) {
    if (!text_at(*write.after, {"name"}).empty()) return {};
    return base::fail(field_error("/name", "name is a required field and must not be empty"));
}

base::Result<schedule::TimeZone> time_zone_of(const boost::json::object& scheduled) {
    auto zone = schedule::TimeZone::find(text_at(scheduled, {"timeZone"}));
    if (zone || zone.error().code != base::ErrorCode::kInvalidArgument) return zone;
    return base::fail(field_error("/scheduled/timeZone", zone.error().message));
}

// A cron line without a first time starts at its next moment in its zone.
base::Result<void> check_schedule(ObjectWrite& write) {
    constexpr std::string_view kPointer = "/scheduled";
    if (at_path(*write.after, {"scheduled"}) == nullptr) {
        if (write.kind == WriteKind::kPatch && !write.sent->contains("scheduled")) return {};
        return base::fail(field_error(
            kPointer, "scheduled is a required field; give cronLine, operationTime or both"));
    }
    boost::json::object& scheduled = write.after->at("scheduled").as_object();
    VMSECURITY_ASSIGN(const schedule::TimeZone zone, time_zone_of(scheduled));
    const std::string_view cron_line = text_at(scheduled, {"cronLine"});
    const bool has_time = at_path(scheduled, {"operationTime"}) != nullptr;
    if (cron_line.empty()) {
        if (has_time) return {};
        return base::fail(field_error(kPointer, "scheduled needs cronLine, operationTime or both"));
    }
    auto cron = schedule::CronExpression::parse(cron_line);
    if (!cron) return base::fail(field_error("/scheduled/cronLine", cron.error().message));
    if (has_time) return {};
    const auto next =
        schedule::next_run(*cron, zone, std::chrono::floor<std::chrono::seconds>(write.now));
    if (!next) {
        return base::fail(field_error(
            "/scheduled/cronLine",
            fmt::format("cronLine '{}' names no moment that is still to come", cron_line)));
    }
    scheduled["operationTime"] = time_text(*next);
    return {};
}

base::Result<void> check(ObjectWrite& write) {
    VMSECURITY_TRY(check_name(write));
    VMSECURITY_TRY(check_schedule(write));
    const bool same_scope =
        write.before != nullptr && text_at(*write.before, {"scanTemplate", "scope"}) ==
                                       text_at(*write.after, {"scanTemplate", "scope"});
    if (same_scope) return {};
    return check_scope(text_at(*write.after, {"scanTemplate", "scope"}), "/scanTemplate/scope");
}

std::optional<std::string> unique_key(const boost::json::object& config) {
    return std::string(text_at(config, {"name"}));
}

std::string conflict(const boost::json::object& config) {
    return fmt::format("Scan config exists with name={}", text_at(config, {"name"}));
}

}  // namespace

const TypeRules& scan_config_rules() {
    static constexpr TypeRules kRules{"scanConfigs", check, unique_key, conflict};
    return kRules;
}

}  // namespace vmsecurity::apiserver
