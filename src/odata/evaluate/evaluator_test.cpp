#include "odata/evaluate/evaluator.h"

#include <fstream>
#include <sstream>

#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/evaluate/text.h"

namespace vmsecurity::odata {
namespace {

const Instant kNow{1'700'000'000'000'000'000};

class Stored : public Objects {
  public:
    explicit Stored(const boost::json::value* objects) : objects_(objects) {}
    const boost::json::value* find(const schema::Collection& collection,
                                   std::string_view id) override {
        if (objects_ == nullptr) return nullptr;
        const auto* all = codec::object_member(objects_->as_object(), collection.name);
        return all == nullptr ? nullptr : all->if_contains(id);
    }

  private:
    const boost::json::value* objects_;
};

BoundQuery bound(std::string_view collection, const QueryText& text) {
    auto query = read_query(*model::api::find_collection(collection), text, {kNow});
    EXPECT_TRUE(query) << query.error().describe() << " in " << text.filter.value_or("");
    return query ? std::move(*query) : BoundQuery{};
}

TEST(Evaluator, Conditions) {
    std::ifstream file("testdata/conditions.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto cases = codec::parse_json(text.str());
    ASSERT_TRUE(cases) << cases.error().describe();
    ASSERT_FALSE(cases->as_array().empty());
    for (const boost::json::value& value : cases->as_array()) {
        const boost::json::object& one = value.as_object();
        SCOPED_TRACE(codec::text_member(one, "name"));
        Stored stored(one.if_contains("related"));
        Evaluator evaluator(stored);
        for (const bool expected : {true, false}) {
            for (const boost::json::value& filter :
                 one.at(expected ? "true" : "false").as_array()) {
                QueryText query;
                query.filter = std::string_view(filter.as_string());
                const BoundQuery made = bound(codec::text_member(one, "collection"), query);
                ASSERT_TRUE(made.options.filter);
                EXPECT_EQ(evaluator.matches(*made.options.filter, one.at("document")), expected)
                    << *query.filter;
            }
        }
    }
}

TEST(Evaluator, KeysHaveTheirNaturalForm) {
    QueryText text;
    text.orderby =
        "key,foundOn,findingInfo/severity,enrichment/epss/score,findingInfo/startLine "
        "mul 2,key eq 'a',location";
    const BoundQuery query = bound("findings", text);
    const boost::json::value row = boost::json::parse(
        R"({"key":"a","foundOn":"1970-01-01T00:00:01Z","enrichment":{"epss":{"score":1}},
            "findingInfo":{"objectType":"Secret","severity":"LOW","startLine":3}})");
    Stored stored(nullptr);
    Evaluator evaluator(stored);
    std::vector<Constant> keys;
    for (const BoundOrder& one : query.options.orderby) {
        keys.push_back(evaluator.key(one.expression, row));
    }
    ASSERT_EQ(keys.size(), 7U);
    EXPECT_EQ(keys[0], Constant(std::string("a")));
    EXPECT_EQ(keys[1], Constant(Instant{1'000'000'000}));
    EXPECT_TRUE(std::holds_alternative<std::int64_t>(keys[2]));
    EXPECT_EQ(keys[3], Constant(1.0));
    EXPECT_EQ(keys[4], Constant(std::int64_t{6}));
    EXPECT_EQ(keys[5], Constant(true));
    EXPECT_EQ(keys[6], Constant());
}

TEST(Evaluator, NullStandsBeforeAllElse) {
    EXPECT_TRUE(compare(Constant(), Constant(false)) < 0);
    EXPECT_TRUE(compare(Constant(), Constant(std::string())) < 0);
    EXPECT_TRUE(compare(Constant(), Constant()) == 0);
    EXPECT_TRUE(compare(Constant(false), Constant(true)) < 0);
    EXPECT_TRUE(compare(Constant(-0.0), Constant(0.0)) == 0);
    EXPECT_TRUE(compare(Constant(std::string("\x7f")), Constant(std::string("ü"))) < 0);
}

TEST(Text, CountsCodePoints) {
    EXPECT_EQ(length("aü😀"), 3);
    EXPECT_EQ(index_of("aü😀", "😀"), 2);
    EXPECT_EQ(substring("aü😀", 1, 1), "ü");
    EXPECT_EQ(substring("aü😀", INT64_MAX, INT64_MAX), "");
    EXPECT_EQ(substring("aü😀", INT64_MIN), "aü😀");
}

TEST(Text, TakesNulOutOfJson) {
    EXPECT_EQ(json_without_nul(R"(["\u0000","\\u0000","\\\u0000"])"),
              "[\"\uFFFD\",\"\\\\u0000\",\"\\\\\uFFFD\"]");
    EXPECT_EQ(json_without_nul("\\"), "\\");
}

}  // namespace
}  // namespace vmsecurity::odata
