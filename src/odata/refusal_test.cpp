// What is wrong in a query is told with its place and with what to write instead.
#include <fstream>
#include <sstream>

#include "codec/json.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/limits.h"
#include "odata/problem.h"

namespace vmsecurity::odata {
namespace {

std::optional<Problem> problem_in(const QueryText& text, std::string_view collection = "findings") {
    const auto query = read_query(*model::api::find_collection(collection), text, {Instant{0}});
    return query ? std::nullopt : problem_of(query.error());
}

std::optional<Problem> problem_of_filter(std::string_view filter) {
    QueryText text;
    text.filter = filter;
    return problem_in(text);
}

TEST(Refusal, Cases) {
    std::ifstream file("testdata/errors.json");
    std::stringstream content;
    content << file.rdbuf();
    const auto cases = codec::parse_json(content.str());
    ASSERT_TRUE(cases) << cases.error().describe();
    ASSERT_FALSE(cases->as_array().empty());
    for (const boost::json::value& value : cases->as_array()) {
        const boost::json::object& one = value.as_object();
        QueryText text;
        const std::pair<std::string_view, std::optional<std::string_view>*> options[] = {
            {"apply", &text.apply},   {"filter", &text.filter},  {"select", &text.select},
            {"expand", &text.expand}, {"top", &text.top},        {"skip", &text.skip},
            {"count", &text.count},   {"orderby", &text.orderby}};
        std::string target;
        for (const auto& [name, option] : options) {
            if (!one.contains(name)) continue;
            *option = std::string_view(one.at(name).as_string());
            target = "$" + std::string(name);
        }
        if (one.contains("target")) target = codec::text_member(one, "target");
        const std::string_view collection = codec::text_member(one, "collection");
        const auto problem = problem_in(text, collection.empty() ? "findings" : collection);
        ASSERT_TRUE(problem) << boost::json::serialize(one);
        EXPECT_EQ(problem->target, target) << boost::json::serialize(one);
        EXPECT_EQ(problem->position, one.at("position").to_number<std::size_t>())
            << boost::json::serialize(one) << problem->message;
        EXPECT_NE(problem->message.find(codec::text_member(one, "says")), std::string::npos)
            << boost::json::serialize(one) << problem->message;
    }
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string made;
    for (std::size_t i = 0; i < times; ++i) made += text;
    return made;
}

TEST(Refusal, TextsAreUtf8WithoutNul) {
    EXPECT_EQ(problem_of_filter("key eq '\xC3'")->message, "$filter is not UTF-8.");
    EXPECT_EQ(problem_of_filter("key eq '\xED\xA0\x80'")->message, "$filter is not UTF-8.");
    EXPECT_EQ(problem_of_filter(std::string_view("key eq '\0'", 11))->position, 8U);
    EXPECT_FALSE(problem_of_filter("key eq '😀'"));
}

TEST(Refusal, LongTextsEndAtTheLimit) {
    const std::string start = "key eq '";
    const std::string fits = start + std::string(kMaxTextBytes - start.size() - 1, 'a') + "'";
    EXPECT_FALSE(problem_of_filter(fits));
    EXPECT_EQ(problem_of_filter(fits + " ")->position, kMaxTextBytes);
}

TEST(Refusal, NestingEndsAtTheLimit) {
    const auto nested = [](std::size_t depth) {
        return repeated("(", depth) + "key eq 'a'" + repeated(")", depth);
    };
    EXPECT_FALSE(problem_of_filter(nested(kMaxDepth - 1)));
    EXPECT_EQ(problem_of_filter(nested(kMaxDepth))->position, kMaxDepth);
    EXPECT_TRUE(problem_of_filter(repeated("not ", 200) + "true"));
    EXPECT_TRUE(problem_of_filter(repeated("-", 200) + "1 eq 1"));
    EXPECT_TRUE(
        problem_of_filter(repeated("tolower(", 200) + "key" + repeated(")", 200) + " eq ''"));
    std::string lambdas;
    for (int i = 0; i < 200; ++i) lambdas += "annotations/any(a: ";
    EXPECT_TRUE(problem_of_filter(lambdas + "true" + repeated(")", 200)));
    QueryText text;
    const std::string expand = repeated("asset($expand=", 10) + "providers" + repeated(")", 10);
    text.expand = expand;
    EXPECT_TRUE(problem_in(text));
}

TEST(Refusal, LongChainsAreNoNesting) {
    EXPECT_FALSE(problem_of_filter(repeated("key eq 'a' or ", 400) + "key eq 'b'"));
    EXPECT_TRUE(problem_of_filter(repeated("key eq 'a' or ", 1100) + "key eq 'b'"));
}

TEST(Refusal, OtherErrorsAreNoProblems) {
    EXPECT_FALSE(problem_of(base::Error{base::ErrorCode::kIo, "x", "$filter at 1", ""}));
    EXPECT_FALSE(problem_of(base::Error{base::ErrorCode::kInvalidArgument, "x", "name", ""}));
    EXPECT_FALSE(
        problem_of(base::Error{base::ErrorCode::kInvalidArgument, "x", "$filter at x", ""}));
}

}  // namespace
}  // namespace vmsecurity::odata
