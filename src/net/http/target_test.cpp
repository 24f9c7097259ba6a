#include "net/http/target.h"

#include <gtest/gtest.h>

#include <string>

namespace vmsecurity::net {
namespace {

TEST(Target, KeepsEmptyValuesAndSemicolons) {
    const std::string text = "/a%20b/c+d?x=&y&%24filter=a%20eq%20'b;c=d'&z=1+2%2B3&&=v";
    const auto target = parse_target(text);
    ASSERT_TRUE(target.has_value()) << target.error().describe();
    EXPECT_EQ(target->path, "/a b/c+d");
    ASSERT_EQ(target->query.size(), 5U);
    EXPECT_EQ(target->query[0].name, "x");
    EXPECT_EQ(target->query[0].value, "");
    EXPECT_EQ(target->query[1].name, "y");
    EXPECT_EQ(target->query[1].value, "");
    EXPECT_EQ(target->query[2].name, "$filter");
    EXPECT_EQ(target->query[2].value, "a eq 'b;c=d'");
    EXPECT_EQ(text.substr(target->query[2].offset, 4), "a%20");
    EXPECT_EQ(target->query[3].value, "1 2+3");
    EXPECT_EQ(text.substr(target->query[3].offset, 3), "1+2");
    EXPECT_EQ(target->query[4].name, "");
    EXPECT_EQ(target->query[4].value, "v");
}

TEST(Target, TakesEveryForm) {
    EXPECT_EQ(parse_target("*")->path, "*");
    EXPECT_EQ(parse_target("/")->path, "/");
    EXPECT_EQ(parse_target("http://host:1/a?b=c")->path, "/a");
    EXPECT_EQ(parse_target("HTTPS://host?b=c")->path, "/");
    EXPECT_EQ(parse_target("http://host?b=c")->query.at(0).offset, 14U);
    EXPECT_EQ(parse_target("/a#b?c=d")->path, "/a");
    EXPECT_EQ(parse_target("/a?b=c#d")->query.at(0).value, "c");
    EXPECT_EQ(parse_target("http://a#/b?c=d")->path, "/");
}

TEST(Target, NamesTheByteThatIsWrong) {
    const auto where = [](std::string_view text) {
        const auto target = parse_target(text);
        return target.has_value() ? "accepted" : target.error().where;
    };
    EXPECT_EQ(where("/%"), "offset 1");
    EXPECT_EQ(where("/a%4"), "offset 2");
    EXPECT_EQ(where("/a?b=%zz"), "offset 5");
    EXPECT_EQ(where("/a?b=c&d%=e"), "offset 8");
    EXPECT_EQ(where("/a%00"), "offset 2");
    EXPECT_EQ(where(std::string("/a?b\0", 5)), "offset 4");
    EXPECT_EQ(where(""), "offset 0");
    EXPECT_EQ(where("host:443"), "offset 0");
    EXPECT_EQ(where("/%41"), "accepted");
}

TEST(Target, HasAHighestNumberOfParameters) {
    std::string text = "/?a";
    for (std::size_t i = 1; i < kMaxQueryParameters; ++i) text += "&a";
    EXPECT_TRUE(parse_target(text).has_value());
    EXPECT_FALSE(parse_target(text + "&a").has_value());
}

TEST(Target, IsEncodedSoThatItDecodes) {
    std::string all;
    for (int c = 1; c < 256; ++c) all.push_back(static_cast<char>(c));
    EXPECT_EQ(percent_decode(percent_encode(all), PlusSign::kIsSpace).value(), all);
    EXPECT_EQ(percent_encode("a-Z_0.9~ /"), "a-Z_0.9~%20%2F");
}

TEST(Headers, AreFoundWithoutRegardToCase) {
    Headers headers;
    headers.add("Connection", "keep-alive , Close");
    headers.add("X", "1");
    headers.add("x", "2");
    EXPECT_EQ(headers.find("X"), "1");
    EXPECT_TRUE(headers.has_token("connection", "close"));
    EXPECT_FALSE(headers.has_token("connection", "clos"));
    headers.set("X", "3");
    ASSERT_EQ(headers.all().size(), 2U);
    EXPECT_EQ(headers.all()[1].second, "3");
    EXPECT_FALSE(headers.find("y"));
}

}  // namespace
}  // namespace vmsecurity::net
