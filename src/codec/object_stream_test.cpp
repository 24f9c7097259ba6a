#include "codec/object_stream.h"

namespace vmsecurity::codec {
namespace {

struct Seen {
    std::vector<std::string> events;
    base::Result<void> result;
};

Seen read(std::string_view text, std::size_t piece, std::size_t max_value_bytes = 1 << 20) {
    Seen seen;
    ObjectStream stream(
        {"items"},
        {[&](std::string_view member, boost::json::value value) -> base::Result<void> {
             seen.events.push_back(std::string(member) + "[]=" + boost::json::serialize(value));
             return {};
         },
         [&](std::string_view member, boost::json::value value) -> base::Result<void> {
             seen.events.push_back(std::string(member) + "=" + boost::json::serialize(value));
             return {};
         }},
        max_value_bytes);
    while (!text.empty()) {
        seen.result = stream.write(text.substr(0, piece));
        if (!seen.result) return seen;
        text.remove_prefix(std::min(piece, text.size()));
    }
    seen.result = stream.finish();
    return seen;
}

TEST(ObjectStream, HandsOverElementsAndMembersHoweverTheTextIsCut) {
    constexpr std::string_view kText =
        R"({"a":{"x":[1,-2,3.5e3],"items":[9]},"items":[{"name":"long \u00e9\n text"},[1,[2]],"s",null,true],)"
        R"("b":null,"c":18446744073709551615, "empty":{}, "d":"" } )";
    const std::vector<std::string> expected = {
        R"(a={"x":[1,-2,3.5E3],"items":[9]})",
        R"(items[]={"name":"long é\n text"})",
        R"(items[]=[1,[2]])",
        R"(items[]="s")",
        R"(items[]=null)",
        R"(items[]=true)",
        R"(b=null)",
        R"(c=18446744073709551615)",
        R"(empty={})",
        R"(d="")",
    };
    for (std::size_t piece = 1; piece <= kText.size(); ++piece) {
        const Seen seen = read(kText, piece);
        ASSERT_TRUE(seen.result) << piece << ": " << seen.result.error().describe();
        EXPECT_EQ(seen.events, expected) << piece;
    }
}

TEST(ObjectStream, SaysWhereAStreamedArrayBegins) {
    std::vector<std::string> begun;
    const auto nothing = [](std::string_view, const boost::json::value&) -> base::Result<void> {
        return {};
    };
    const auto begin = [&](std::string_view member) -> base::Result<void> {
        if (begun.size() == 2) return base::fail(base::ErrorCode::kInvalidArgument, "enough");
        begun.emplace_back(member);
        return {};
    };
    ObjectStream stream({"a", "b"}, {nothing, nothing, begin});
    ASSERT_TRUE(stream.write(R"({"a":[],"c":[1],"b":[[2]])"));
    EXPECT_EQ(begun, (std::vector<std::string>{"a", "b"}));
    const auto third = stream.write(R"(,"a":[]})");
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().message, "enough");
}

TEST(ObjectStream, RefusesWhatIsNoObject) {
    for (const std::string_view text :
         {"", " ", "1", "[]", "\"a\"", "null", "{", "{\"items\":[1", "{\"items\":[1}", "{}{}",
          "{} x", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":\"\xff\"}"}) {
        const Seen seen = read(text, 3);
        ASSERT_FALSE(seen.result) << text;
        EXPECT_EQ(seen.result.error().code, base::ErrorCode::kCorrupt) << text;
    }
}

TEST(ObjectStream, BoundsOneValueAndNotAllOfThem) {
    std::string text = R"({"items":[)";
    for (int i = 0; i < 1000; ++i) text += R"({"name":"0123456789"},)";
    const std::string many = text + "1]}";
    EXPECT_TRUE(read(many, 512, 4096).result);
    const std::string one = text + "\"" + std::string(200'000, 'x') + "\"]}";
    const Seen seen = read(one, 512, 4096);
    ASSERT_FALSE(seen.result);
    EXPECT_EQ(seen.result.error().code, base::ErrorCode::kLimitExceeded);
}

TEST(ObjectStream, BoundsTheDepth) {
    EXPECT_FALSE(read("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", 7).result);
}

TEST(ObjectStream, EndsWithTheVisitorsError) {
    ObjectStream stream(
        {"items"},
        {[](std::string_view, const boost::json::value&) -> base::Result<void> {
             return base::fail(base::ErrorCode::kInvalidArgument, "enough");
         },
         [](std::string_view, const boost::json::value&) -> base::Result<void> { return {}; }});
    const auto result = stream.write(R"({"a":1,"items":[1,2]})");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "enough");
}

}  // namespace
}  // namespace vmsecurity::codec
