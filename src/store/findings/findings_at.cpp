#include <utility>

#include "sql/query.h"
#include "store/findings_store.h"

namespace vmsecurity::store {
namespace {

constexpr std::int64_t kHour = std::int64_t{3600} * 1'000'000'000;

// What was added and invalidated in whole hours, from the counts, and in the hour that the time is
// in, from the findings themselves: by index, and one hour is little.
constexpr std::string_view kBefore =
    "SELECT coalesce(sum(added - invalidated), 0) FROM finding_hour_counts "
    "WHERE finding_type = $1 AND hour < $2";
constexpr std::string_view kBetween =
    "SELECT coalesce(sum(added - invalidated), 0) FROM finding_hour_counts "
    "WHERE finding_type = $1 AND hour >= $2 AND hour < $3";
constexpr std::string_view kWithin =
    "SELECT (SELECT count(*) FROM finding_rows WHERE object_type = $1 AND found_on >= $2 "
    "AND found_on <= $3) - "
    "(SELECT count(*) FROM finding_rows WHERE object_type = $1 AND invalidated_on >= $2 "
    "AND invalidated_on <= $3 AND found_on <= invalidated_on) - "
    "(SELECT count(*) FROM finding_rows WHERE object_type = $1 AND found_on >= $2 "
    "AND found_on <= $3 AND invalidated_on < found_on)";

std::int64_t hour_of(std::int64_t time) {
    std::int64_t rest = time % kHour;
    if (rest < 0) rest += kHour;
    return time - rest;
}

base::Result<std::int64_t> number(sql::Connection& connection, std::string_view text,
                                  std::span<const sql::Value> parameters) {
    VMSECURITY_ASSIGN(const auto value,
                      sql::query_value<std::int64_t>(connection, text, parameters));
    return value.value_or(0);
}

}  // namespace

base::Result<std::vector<std::int64_t>> findings_at(sql::Connection& connection,
                                                    findings::FindingType type,
                                                    std::span<const std::int64_t> times) {
    const std::string_view name = to_string(type);
    std::vector<std::int64_t> counts;
    std::int64_t hour = 0;  // that `sum` goes up to
    std::int64_t sum = 0;
    for (const std::int64_t time : times) {
        const std::int64_t start = hour_of(time);
        if (counts.empty() || start < hour) {
            VMSECURITY_ASSIGN(sum, number(connection, kBefore, sql::bind(name, start)));
        } else {
            VMSECURITY_ASSIGN(const std::int64_t more,
                              number(connection, kBetween, sql::bind(name, hour, start)));
            sum += more;
        }
        hour = start;
        VMSECURITY_ASSIGN(const std::int64_t rest,
                          number(connection, kWithin, sql::bind(name, start, time)));
        counts.push_back(sum + rest);
    }
    return counts;
}

}  // namespace vmsecurity::store
