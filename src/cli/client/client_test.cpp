#include <gtest/gtest.h>

#include "cli/client/collections.h"
#include "cli/client/columns.h"
#include "cli/client/plain_http.h"
#include "cli/client/query.h"
#include "cli/client/refusal.h"
#include "cli/client/table.h"
#include "cli/client/yaml.h"
#include "cli/exit_status.h"
#include "model/api/display.h"

namespace vmsecurity::cli {
namespace {

boost::json::object object_of(std::string_view text) {
    return codec::parse_json(text)->get_object();
}

const model::schema::Display& display_of(std::string_view word) {
    return **find_collection(word);
}

TEST(Collections, AreFoundByEachOfTheirNames) {
    for (const char* word : {"assetScans", "assetScan", "as", "ASSETSCANS", "asset-scans"}) {
        ASSERT_TRUE(find_collection(word)) << word;
        EXPECT_EQ((*find_collection(word))->collection->name, "assetScans") << word;
    }
    const auto none = find_collection("servers");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_NE(none.error().message.find("assetScans (as)"), std::string::npos);
    EXPECT_FALSE(find_collection(""));
}

TEST(PlainHttp, IsReadableUnlessItStaysOnThisMachine) {
    for (const char* url :
         {"http://10.0.0.7", "HTTP://api:8888/api", "http://127.0.0.1.example.org/",
          "http://localhost.example.org", "http://127.0.0.1@evil/", "http://[::2]:80",
          "http://[fe80::1]", "http://0.0.0.0", "http://1270.0.0.1", "http://"}) {
        EXPECT_TRUE(is_readable_on_the_way(url)) << url;
    }
    for (const char* url : {"http://127.0.0.1:8888", "http://127.9.9.9/x", "http://localhost/api",
                            "HTTP://LocalHost:1", "http://[::1]:8888/api", "http://me@127.0.0.1/",
                            "https://10.0.0.7", "HTTPS://api"}) {
        EXPECT_FALSE(is_readable_on_the_way(url)) << url;
    }
}

TEST(Columns, EveryCollectionHasSome) {
    for (const auto& display : model::api::displays()) {
        EXPECT_FALSE(columns_of(display, {}).empty()) << display.collection->name;
        EXPECT_FALSE(display.short_name.empty()) << display.collection->name;
    }
}

TEST(Columns, AreThoseSelectedIfAnyAre) {
    const auto columns = columns_of(display_of("f"), " id , asset($select=id,name),foundOn");
    ASSERT_EQ(columns.size(), 3U);
    EXPECT_EQ(columns[0].title, "id");
    EXPECT_EQ(columns[1].title, "asset");
    EXPECT_EQ(columns[2].title, "foundOn");
    EXPECT_FALSE(columns[0].flexible);
}

TEST(Columns, ExpandTheRelationsThatTheyLeadThrough) {
    const auto& findings = display_of("findings");
    EXPECT_EQ(expansion_for(*findings.collection, columns_of(findings, {})),
              "asset($select=name,id)");
    const auto& assets = display_of("assets");
    EXPECT_EQ(expansion_for(*assets.collection, columns_of(assets, {})), "");
    EXPECT_EQ(expansion_for(*findings.collection, columns_of(findings, "asset/id")), "");
}

TEST(Columns, ShowTheFirstPathThatLeadsToSomething) {
    const Column column{"NAME", {"info/name", "id"}, true, false, 0};
    EXPECT_EQ(cell(column, object_of(R"({"info":{"name":"web"},"id":"7"})")), "web");
    EXPECT_EQ(cell(column, object_of(R"({"info":{"name":null},"id":"7"})")), "7");
    EXPECT_EQ(cell(column, object_of(R"({"info":"text","id":"7"})")), "7");
    EXPECT_EQ(cell(column, object_of("{}")), "");
}

TEST(Columns, CellsCannotCommandTheTerminal) {
    const Column column{"NAME", {"name"}, true, false, 0};
    EXPECT_EQ(cell(column, object_of(R"({"name":"a\u001b[2Jb\n"})")), R"(a\x1b[2Jb\x0a)");
    EXPECT_EQ(cell(column, object_of(R"({"name":["a","b"]})")), "a, b");
    EXPECT_EQ(cell(column, object_of(R"({"name":{"x":1}})")), R"({"x":1})");
}

TEST(Columns, OfAggregatesAreTheirMembers) {
    const auto columns = columns_of(object_of(R"({"findingInfo":{"severity":"HIGH"},"n":3})"));
    ASSERT_EQ(columns.size(), 2U);
    EXPECT_EQ(columns[0].title, "findingInfo/severity");
    EXPECT_EQ(columns[1].title, "n");
}

TEST(Table, GrowsWithWhatItMeets) {
    GrowingTable table({"WHEN"}, {{"NAME", {"name"}, true, false, 6}}, false);
    EXPECT_EQ(table.header(), "WHEN  NAME\n");
    const auto one = object_of(R"({"name":"web"})");
    EXPECT_EQ(table.row({"09:15:01"}, &one), "09:15:01  web\n");
    EXPECT_EQ(table.row({"9"}, &one), "9         web\n");
    EXPECT_EQ(table.row({"9"}, nullptr), "9\n");
}

TEST(Table, ColoursSeveritiesOfAllKinds) {
    EXPECT_FALSE(colour_of_word("HIGH").empty());
    EXPECT_EQ(colour_of_word("MisconfigurationHighSeverity"), colour_of_word("HIGH"));
    EXPECT_NE(colour_of_word("CRITICAL"), colour_of_word("HIGH"));
    EXPECT_TRUE(colour_of_word("Done").empty());
}

TEST(Query, IsEncodedOnce) {
    EXPECT_EQ(target_of("/findings", {{"$filter", "a eq 'x&y+z%'", ""}, {"$top", "5", ""}}),
              "/findings?$filter=a%20eq%20'x%26y%2Bz%25'&$top=5");
    EXPECT_EQ(escape_segment("a/b c?"), "a%2Fb%20c%3F");
    EXPECT_EQ(in_quotes("it's"), "'it''s'");
}

TEST(Query, NextLinkLeadsNowhereElse) {
    EXPECT_EQ(next_target("/assets", "assets?$top=5&$skiptoken=x"), "/assets?$top=5&$skiptoken=x");
    EXPECT_EQ(next_target("/assets", "https://elsewhere.example/?$skiptoken=x#y"),
              "/assets?$skiptoken=x");
    EXPECT_EQ(next_target("/assets", ""), "");
    EXPECT_EQ(next_target("/assets", "assets?a b\r\n"), "");
}

TEST(Refusal, PointsAtThePlace) {
    EXPECT_EQ(point_at("  --filter  ", "a eqq 1", 2, 80), "  --filter  a eqq 1\n              ^");
    // Bytes are counted, code points shown.
    EXPECT_EQ(point_at("", "ä eqq 1", 3, 80), "ä eqq 1\n  ^");
    EXPECT_EQ(point_at("", "ab", 99, 80), "ab\n  ^");
}

TEST(Refusal, ShowsTheNeighbourhoodOfALongExpression) {
    std::string text(101, 'a');
    text[50] = 'X';
    EXPECT_EQ(point_at("", text, 50, 10), "…aaaaaXaaaa…\n      ^");
}

TEST(Refusal, TellsWhatTheServerSaid) {
    net::Response answer;
    answer.status = 400;
    answer.body = R"({"message":"No field nme.","target":"$filter","position":0})";
    EXPECT_EQ(describe_refusal(answer, {{"$filter", "nme eq 1", "--filter"}}),
              "No field nme.\n  --filter  nme eq 1\n            ^");
    EXPECT_EQ(exit_status_of(answer), kUsage);
    answer.body = R"({"message":"Faults.","details":[{"target":"/name","message":"too long"}]})";
    EXPECT_EQ(describe_refusal(answer, {}), "Faults.\n  /name: too long");
    answer.status = 502;
    answer.body = "<html>\n";
    EXPECT_EQ(describe_refusal(answer, {}), "the server answered 502 Bad Gateway: <html>");
    EXPECT_EQ(exit_status_of(answer), kFailed);
}

TEST(Yaml, QuotesWhatWouldBeReadOtherwise) {
    const auto value = object_of(
        R"({"a":"yes","b":"text","c":"1.10","d":[1,{"e":null,"f":[]},["x"]],"g h":"2026-01-01","i":"a: b","j":""})");
    EXPECT_EQ(to_yaml(value), R"(a: "yes"
b: text
c: "1.10"
d:
  - 1
  - e: null
    f: []
  - - x
"g h": "2026-01-01"
i: "a: b"
j: ""
)");
}

}  // namespace
}  // namespace vmsecurity::cli
