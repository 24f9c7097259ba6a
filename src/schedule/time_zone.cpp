#include "schedule/time_zone.h"

#include <date/tz.h>
#include <fmt/format.h>

#include "base/text.h"

namespace vmsecurity::schedule {

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

base::Error no_database(std::string cause) {
    return {
        base::ErrorCode::kUnavailable,
        "this machine has no time zone database, so that only UTC is known here; install tzdata",
        "/usr/share/zoneinfo", std::move(cause)};
}

base::Result<void> check_database() {
    try {
        if (date::get_tzdb().zones.empty()) return base::fail(no_database("it is empty"));
    } catch (const std::exception& error) {
        return base::fail(no_database(error.what()));
    }
    return {};
}

const date::time_zone* locate(std::string_view name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return nullptr;
    }
}

}  // namespace

TimeZone TimeZone::utc() {
    return {"UTC", nullptr};
}

base::Result<TimeZone> TimeZone::find(std::string_view name) {
    if (name.empty() || name == "UTC") return utc();
    VMSECURITY_TRY(check_database());
    // "localtime" would be another zone on each machine.
    const date::time_zone* zone = name == "localtime" ? nullptr : locate(name);
    if (zone == nullptr) {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            fmt::format("time zone '{}' is unknown; give a name of the IANA time zone database, "
                        "such as Europe/Berlin or UTC",
                        base::escape_bytes(name)));
    }
    TimeZone found(std::string(name), zone);
    try {
        found.period_at(sys_seconds{});  // the zone's file is read on first use
    } catch (const std::exception& error) {
        return base::fail(base::ErrorCode::kCorrupt,
                          fmt::format("cannot read the data of time zone '{}'", found.name_),
                          "/usr/share/zoneinfo/" + found.name_, error.what());
    }
    return found;
}

TimeZone::Period TimeZone::period_at(sys_seconds time) const {
    if (zone_ == nullptr) return {sys_seconds::min(), sys_seconds::max(), seconds(0)};
    const date::sys_info info = zone_->get_info(time);
    return {info.begin, info.end, info.offset};
}

Civil TimeZone::to_local(sys_seconds time) const {
    return to_civil(time + period_at(time).offset);
}

sys_seconds TimeZone::from_local(const Civil& local) const {
    const sys_seconds as_utc = from_civil(local);
    if (zone_ == nullptr) return as_utc;
    const date::local_info info = zone_->get_info(date::local_seconds(as_utc.time_since_epoch()));
    // A skipped time lies between two periods: `first` ends where the gap is.
    if (info.result == date::local_info::nonexistent) return info.first.end;
    return as_utc - info.first.offset;
}

}  // namespace vmsecurity::schedule
