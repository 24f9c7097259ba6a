#include <fmt/format.h>

#include <cctype>
#include <span>

#include "base/text.h"
#include "schedule/cron.h"

namespace vmsecurity::schedule {

namespace {

constexpr unsigned kFirstYear = 1970;

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct FieldRule {
    std::string_view name;
    unsigned first;
    unsigned last;
    std::span<const std::string_view> words;
    unsigned first_word;  // the number that words[0] stands for
};

constexpr FieldRule kSeconds{"seconds", 0, 59, {}, 0};
constexpr FieldRule kMinutes{"minutes", 0, 59, {}, 0};
constexpr FieldRule kHours{"hours", 0, 23, {}, 0};
constexpr FieldRule kMonthDay{"day of month", 1, 31, {}, 0};
constexpr FieldRule kMonth{"month", 1, 12, kMonths, 1};
constexpr FieldRule kWeekDay{"day of week", 0, 7, kDays, 0};
constexpr FieldRule kYear{"year", kFirstYear, 2099, {}, 0};

base::Error bad(const FieldRule& rule, std::string_view entry, std::string_view reason) {
    return {base::ErrorCode::kInvalidArgument,
            fmt::format("cron expression: '{}' in the field for {}: {}", base::escape_bytes(entry),
                        rule.name, reason),
            {},
            {}};
}

base::Result<unsigned> number(const FieldRule& rule, std::string_view text) {
    for (std::size_t i = 0; i < rule.words.size(); ++i) {
        // "mon" and "Monday" alike
        if (text.size() >= 3 && base::to_lower(text.substr(0, 3)) == rule.words[i] &&
            std::isalpha(static_cast<unsigned char>(text.back())) != 0) {
            return rule.first_word + static_cast<unsigned>(i);
        }
    }
    const auto value = base::parse_unsigned(text);
    if (!value || *value < rule.first || *value > rule.last) {
        return base::fail(
            bad(rule, text, fmt::format("expected a number from {} to {}", rule.first, rule.last)));
    }
    return static_cast<unsigned>(*value);
}

struct Range {
    unsigned first;
    unsigned last;
    unsigned step;
};

// `*`, `7`, `7-9`, each with `/2`; a number with a step goes on to the field's end.
base::Result<Range> range(const FieldRule& rule, std::string_view entry) {
    std::string_view text = entry;
    unsigned step = 1;
    const std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        const auto value = base::parse_unsigned(text.substr(slash + 1));
        if (!value || *value == 0 || *value > rule.last) {
            return base::fail(bad(rule, entry, "what follows '/' has to be a step of at least 1"));
        }
        step = static_cast<unsigned>(*value);
        text = text.substr(0, slash);
    }
    if (text == "*" || text == "?") return Range{rule.first, rule.last, step};
    const std::size_t dash = text.find('-');
    VMSECURITY_ASSIGN(const unsigned first, number(rule, text.substr(0, dash)));
    if (dash == std::string_view::npos) {
        return Range{first, slash == std::string_view::npos ? first : rule.last, step};
    }
    VMSECURITY_ASSIGN(const unsigned last, number(rule, text.substr(dash + 1)));
    if (last < first) return base::fail(bad(rule, entry, "the range ends before it begins"));
    return Range{first, last, step};
}

template <std::size_t Size>
base::Result<void> fill(const FieldRule& rule, std::string_view field, std::bitset<Size>& bits,
                        unsigned base = 0) {
    for (const std::string_view entry : base::split(field, ',')) {
        VMSECURITY_ASSIGN(const Range found, range(rule, entry));
        for (unsigned i = found.first; i <= found.last; i += found.step) bits.set(i - base);
    }
    return {};
}

// `*` or `*/2`, anywhere in the list
bool has_wildcard(std::string_view field) {
    return field.find_first_of("*?") != std::string_view::npos;
}

bool is_any(std::string_view field) {
    return field == "*" || field == "?";
}

}  // namespace

class CronParser {
  public:
    static base::Result<CronExpression> parse(std::span<const std::string_view> fields) {
        // seconds and year are the optional ends
        const bool has_seconds = fields.size() == 7;
        const std::size_t at = has_seconds ? 1 : 0;
        CronExpression cron;
        VMSECURITY_TRY(fill(kSeconds, has_seconds ? fields[0] : "0", cron.seconds_));
        VMSECURITY_TRY(fill(kMinutes, fields[at], cron.minutes_));
        VMSECURITY_TRY(fill(kHours, fields[at + 1], cron.hours_));
        cron.follows_real_time_ = has_wildcard(fields[at]) || has_wildcard(fields[at + 1]);
        VMSECURITY_TRY(month_days(fields[at + 2], cron));
        VMSECURITY_TRY(fill(kMonth, fields[at + 3], cron.months_));
        VMSECURITY_TRY(week_days(fields[at + 4], cron));
        VMSECURITY_TRY(
            fill(kYear, fields.size() > 5 ? fields[at + 5] : "*", cron.years_, kFirstYear));
        return cron;
    }

  private:
    static base::Result<void> month_days(std::string_view field, CronExpression& cron) {
        cron.month_days_restricted_ = !is_any(field);
        for (const std::string_view entry : base::split(field, ',')) {
            if (entry == "L" || entry == "l") {
                cron.last_day_ = true;
            } else if (base::to_lower(entry) == "lw") {
                cron.last_weekday_ = true;
            } else if (entry.size() > 1 && (entry.back() == 'W' || entry.back() == 'w')) {
                VMSECURITY_ASSIGN(const unsigned day,
                                  number(kMonthDay, entry.substr(0, entry.size() - 1)));
                cron.nearest_weekdays_.set(day);
            } else {
                VMSECURITY_TRY(fill(kMonthDay, entry, cron.month_days_));
            }
        }
        return {};
    }

    static base::Result<void> week_days(std::string_view field, CronExpression& cron) {
        cron.week_days_restricted_ = !is_any(field);
        for (const std::string_view entry : base::split(field, ',')) {
            const std::size_t hash = entry.find('#');
            if (hash != std::string_view::npos) {
                VMSECURITY_ASSIGN(const unsigned day, number(kWeekDay, entry.substr(0, hash)));
                const auto nth = base::parse_unsigned(entry.substr(hash + 1));
                if (!nth || *nth < 1 || *nth > 5) {
                    return base::fail(bad(kWeekDay, entry, "what follows '#' is 1 to 5"));
                }
                cron.nth_week_days_.at(*nth).set(day % 7);
            } else if (entry.size() == 2 && (entry.back() == 'L' || entry.back() == 'l')) {
                VMSECURITY_ASSIGN(const unsigned day, number(kWeekDay, entry.substr(0, 1)));
                cron.last_week_days_.set(day % 7);
            } else {
                std::bitset<8> bits;
                VMSECURITY_TRY(fill(kWeekDay, entry, bits));
                for (unsigned i = 0; i < bits.size(); ++i) {
                    if (bits[i]) cron.week_days_.set(i % 7);
                }
            }
        }
        return {};
    }
};

base::Result<CronExpression> CronExpression::parse(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kNames = {{
        {"@yearly", "0 0 1 1 *"},
        {"@annually", "0 0 1 1 *"},
        {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"},
        {"@daily", "0 0 * * *"},
        {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"},
    }};
    text = base::trim(text);
    if (!text.empty() && text.front() == '@') {
        for (const auto& [name, meaning] : kNames) {
            if (base::to_lower(text) == name) return parse(meaning);
        }
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("cron expression: '{}' is unknown; known are @yearly, "
                                      "@monthly, @weekly, @daily and @hourly",
                                      base::escape_bytes(text)));
    }
    std::vector<std::string_view> fields;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of(" \t");
        fields.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : base::trim(text.substr(end));
    }
    if (fields.size() < 5 || fields.size() > 7) {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            fmt::format("cron expression: {} fields; expected five (minutes, hours, day of month, "
                        "month, day of week), six (and a year) or seven (seconds first)",
                        fields.size()));
    }
    return CronParser::parse(fields);
}

}  // namespace vmsecurity::schedule
