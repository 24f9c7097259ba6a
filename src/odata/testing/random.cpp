#include "odata/testing/random.h"

#include <array>
#include <cstdint>

namespace vmsecurity::odata::testing {

std::string random_text(Random& random) {
    using namespace std::string_view_literals;
    constexpr std::array kTexts = {
        ""sv,        "a"sv,          "A"sv,      "b"sv,          "aB"sv,     "ab"sv,        "abc"sv,
        "%"sv,       "_"sv,          "a%b"sv,    "a_b"sv,        "it's"sv,   "''"sv,        "\\"sv,
        "\\u0000"sv, "\""sv,         "ä"sv,      "Ä"sv,          "äb"sv,     "ß"sv,         "😀"sv,
        "a😀b"sv,    "\U0010FFFF"sv, "\uFFFF"sv, "\uFFFD"sv,     "\uE000"sv, "a\0b"sv,      "\0"sv,
        "\\\0"sv,    " a "sv,        "\ta\n"sv,  "\u00A0a"sv,    "a\x7f"sv,  "\v\f\r"sv,    "10"sv,
        "9"sv,       "true"sv,       "null"sv,   "2023-01-20"sv, "[1]"sv,    "{\"a\":1}"sv, "$1"sv,
        "é"sv,       "e\u0301"sv};
    std::string text(random.pick(kTexts));
    if (random.chance(20)) text += random.pick(kTexts);
    return text;
}

std::int64_t random_integer(Random& random) {
    constexpr std::array<std::int64_t, 18> kIntegers = {0,          0,           1,
                                                        -1,         2,           3,
                                                        7,          -7,          10,
                                                        100,        2147483647,  2147483648,
                                                        4294967295, -2147483649, 9007199254740993,
                                                        INT64_MAX,  INT64_MIN,   INT64_MAX - 1};
    return random.pick(kIntegers);
}

double random_real(Random& random) {
    constexpr std::array kReals = {0.0,   1.0,    -1.0,  0.5,    0.1,
                                   2.5,   9.8,    -0.25, 1e-151, 1e151,
                                   1e150, 1e-150, 1e300, -1e300, 9007199254740992.0,
                                   1e18,  1e19,   5e-324};
    return random.pick(kReals);
}

std::string random_time(Random& random) {
    constexpr std::array<std::string_view, 20> kTimes = {
        "2023-01-20T15:46:18Z",           "2023-01-20T15:46:18.5Z",
        "2023-01-20T15:46:18.123456789Z", "2023-01-20T15:46:18.12Z",
        "2023-01-20T16:46:18+01:00",      "2023-01-20T15:46:19Z",
        "2023-01-20T00:00:00Z",           "2023-01-19T23:59:59.999999999Z",
        "2024-02-29T12:00:00Z",           "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.5Z",         "1900-03-01T01:02:03Z",
        "1677-09-22T00:00:00Z",           "1677-09-21T23:59:59Z",
        "0001-01-01T00:00:00Z",           "0000-01-01T00:00:00Z",
        "2262-04-10T23:59:59.999Z",       "2262-04-11T00:00:00Z",
        "9999-12-31T23:59:59Z",           "1969-12-31T00:00:00Z"};
    return std::string(random.pick(kTimes));
}

}  // namespace vmsecurity::odata::testing
