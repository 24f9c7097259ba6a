#include "odata/sql/skiptoken.h"

#include <limits>

#include "odata/problem.h"

namespace vmsecurity::odata::sql {
namespace {

using ::vmsecurity::sql::Value;

const std::vector<Basis> kBases = {Basis::kText, Basis::kTime, Basis::kReal, Basis::kBoolean,
                                   Basis::kInteger};
const Continuation kFrom{{Value("a'%_\xF0\x9F\x98\x80"), Value(std::int64_t{-5}),
                          Value(std::numeric_limits<double>::infinity()), Value(true), Value()},
                         std::numeric_limits<std::int64_t>::max()};

TEST(Skiptoken, ComesBackAsItWas) {
    const auto back = decode(encode(kFrom, 7), 7, kBases);
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_EQ(back->keys, kFrom.keys);
    EXPECT_EQ(back->row_id, kFrom.row_id);
}

TEST(Skiptoken, BelongsToOneQuery) {
    const auto other = decode(encode(kFrom, 7), 8, kBases);
    ASSERT_FALSE(other);
    EXPECT_NE(other.error().message.find("another $filter"), std::string::npos);
}

TEST(Skiptoken, KeysHaveTheTypesOfTheOrder) {
    std::vector<Basis> others = kBases;
    others[0] = Basis::kReal;
    EXPECT_FALSE(decode(encode(kFrom, 7), 7, others));
    EXPECT_FALSE(decode(encode(kFrom, 7), 7, {}));
    const Continuation nan{{Value(std::numeric_limits<double>::quiet_NaN())}, 1};
    EXPECT_FALSE(decode(encode(nan, 7), 7, {Basis::kReal}));
    const Continuation nul{{Value(std::string("\0", 1))}, 1};
    EXPECT_FALSE(decode(encode(nul, 7), 7, {Basis::kText}));
}

TEST(Skiptoken, DamageIsRefused) {
    const std::string token = encode(kFrom, 7);
    for (std::size_t length = 0; length < token.size(); ++length) {
        const auto cut = decode(token.substr(0, length), 7, kBases);
        ASSERT_FALSE(cut) << length;
        EXPECT_EQ(problem_of(cut.error())->target, "$skiptoken");
    }
    EXPECT_FALSE(decode(token + "A", 7, kBases));
    EXPECT_FALSE(decode(token + "=", 7, kBases));
    EXPECT_FALSE(decode("%%%%", 7, kBases));
    // Any change is refused or gives another token's values; none gives these.
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        const auto read = decode(changed, 7, kBases);
        if (!read) continue;
        EXPECT_EQ(encode(*read, 7), changed);
    }
}

}  // namespace
}  // namespace vmsecurity::odata::sql
