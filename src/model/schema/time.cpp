#include "model/schema/time.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>

namespace vmsecurity::model::schema {
namespace {

constexpr std::int64_t kBillion = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
constexpr std::int64_t kFirstSecond = -62'167'219'200;
constexpr std::int64_t kLastSecond = 253'402'300'799;

// Reads from the front of a text; the first thing that does not fit makes it bad for good.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    // Exactly `digits` digits.
    int number(int digits) {
        int value = 0;
        for (; digits > 0; --digits) value = value * 10 + digit();
        return value;
    }
    // One of `allowed`, or 0.
    char one_of(std::string_view allowed) {
        if (text_.empty() || allowed.find(text_.front()) == std::string_view::npos) {
            good_ = false;
            return 0;
        }
        const char c = text_.front();
        text_.remove_prefix(1);
        return c;
    }
    bool skip(char c) {
        if (!text_.starts_with(c)) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool at_digit() const { return !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; }
    bool is_done() const { return good_ && text_.empty(); }

  private:
    int digit() {
        const char c = one_of("0123456789");
        return c == 0 ? 0 : c - '0';
    }

    std::string_view text_;
    bool good_ = true;
};

std::int32_t read_fraction(Reader& reader) {
    if (!reader.skip('.')) return 0;
    std::int64_t value = reader.number(1);
    std::int64_t scale = kBillion / 10;
    value *= scale;
    while (reader.at_digit()) {
        scale /= 10;
        value += scale * reader.number(1);
    }
    return static_cast<std::int32_t>(value);
}

// Seconds east of UTC, or nothing for hours or minutes that there are not.
std::optional<int> read_offset(Reader& reader) {
    const char sign = reader.one_of("Zz+-");
    if (sign != '+' && sign != '-') return 0;
    const int hours = reader.number(2);
    reader.one_of(":");
    const int minutes = reader.number(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    const int offset = hours * 3600 + minutes * 60;
    return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_time(std::string_view text) {
    Reader reader(text);
    const int year = reader.number(4);
    reader.one_of("-");
    const int month = reader.number(2);
    reader.one_of("-");
    const int day = reader.number(2);
    reader.one_of("Tt");
    const int hour = reader.number(2);
    reader.one_of(":");
    const int minute = reader.number(2);
    reader.one_of(":");
    const int second = reader.number(2);
    const std::int32_t nanoseconds = read_fraction(reader);
    const std::optional<int> offset = read_offset(reader);
    if (!reader.is_done() || !offset || hour > 23 || minute > 59 || second > 60) return {};

    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return {};
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    const std::int64_t minute_start = days * kSecondsPerDay + hour * 3600 + minute * 60 - *offset;
    // Leap seconds end the last minute of a day in UTC and no other.
    const bool last_minute = (minute_start + 60) % kSecondsPerDay == 0;
    if (second == 60 && !last_minute) return {};
    const std::int64_t seconds = minute_start + second;
    if (seconds < kFirstSecond || seconds > kLastSecond) return {};
    return Time{seconds, nanoseconds};
}

std::string format_time(Time time) {
    const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds)};
    const auto midnight = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{midnight};
    const std::int64_t of_day = (seconds - midnight).count();
    std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    of_day / 3600, of_day / 60 % 60, of_day % 60);
    if (time.nanoseconds != 0) {
        text += fmt::format(".{:09}", time.nanoseconds);
        text.erase(text.find_last_not_of('0') + 1);
    }
    text += 'Z';
    return text;
}

std::int64_t to_nanoseconds(Time time) {
    // Whole days are clamped, so that SQL can tell by the date in a document alone.
    constexpr std::int64_t kFirstExact = -9'223'286'400;  // 1677-09-22T00:00:00Z
    constexpr std::int64_t kBeyond = 9'223'286'400;       // 2262-04-11T00:00:00Z
    if (time.seconds < kFirstExact) return std::numeric_limits<std::int64_t>::min();
    if (time.seconds >= kBeyond) return std::numeric_limits<std::int64_t>::max();
    return time.seconds * kBillion + time.nanoseconds;
}

Time from_nanoseconds(std::int64_t nanoseconds) {
    std::int64_t seconds = nanoseconds / kBillion;
    std::int64_t rest = nanoseconds % kBillion;
    if (rest < 0) {
        rest += kBillion;
        --seconds;
    }
    return {seconds, static_cast<std::int32_t>(rest)};
}

}  // namespace vmsecurity::model::schema
