#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "schedule/civil.h"

namespace date {
class time_zone;
}

namespace vmsecurity::schedule {

// A time zone of the IANA time zone database, as the operating system holds it (Debian's tzdata).
// The database is read once: a process sees its updates when it is started anew.
class TimeZone {
  public:
    // Of names such as "Europe/Berlin", with their case; "" and "UTC" need no database. Errors:
    // kInvalidArgument for a name that the database does not hold, kUnavailable if the machine has
    // no database, kCorrupt for a damaged file.
    static base::Result<TimeZone> find(std::string_view name);
    static TimeZone utc();

    const std::string& name() const { return name_; }

    // A stretch of time with one distance from UTC: begin <= time < end.
    struct Period {
        std::chrono::sys_seconds begin;
        std::chrono::sys_seconds end;
        std::chrono::seconds offset;  // what is added to UTC
    };
    Period period_at(std::chrono::sys_seconds time) const;

    Civil to_local(std::chrono::sys_seconds time) const;
    // When clocks show `local`: the first time if they show it twice, and the end of the gap if
    // they skip it.
    std::chrono::sys_seconds from_local(const Civil& local) const;

  private:
    TimeZone(std::string name, const date::time_zone* zone) : name_(std::move(name)), zone_(zone) {}

    std::string name_;
    const date::time_zone* zone_;  // null: UTC
};

}  // namespace vmsecurity::schedule
