#include "odata/project/project.h"

#include <fstream>
#include <sstream>

#include "codec/json.h"
#include "model/api/tables.h"
#include "odata/bind.h"

namespace vmsecurity::odata {
namespace {

const Instant kNow{1'700'000'000'000'000'000};

// Objects by collection and id. Counts the calls.
class Stored : public RelatedObjects {
  public:
    explicit Stored(const boost::json::value& objects) : objects_(objects) {}

    base::Result<std::vector<std::optional<std::string>>> documents(
        const schema::Collection& collection, std::span<const std::string> ids) override {
        ++calls;
        std::vector<std::optional<std::string>> made;
        const boost::json::object* all =
            codec::object_member(objects_.as_object(), collection.name);
        for (const std::string& id : ids) {
            const boost::json::value* found = all == nullptr ? nullptr : all->if_contains(id);
            made.push_back(found == nullptr ? std::nullopt
                                            : std::optional(boost::json::serialize(*found)));
        }
        return made;
    }

    int calls = 0;

  private:
    boost::json::value objects_;
};

const schema::Collection& collection(std::string_view name) {
    return *model::api::find_collection(name);
}

BoundOptions options_of(std::string_view name, std::optional<std::string_view> select,
                        std::optional<std::string_view> expand) {
    QueryText text;
    text.select = select;
    text.expand = expand;
    auto query = read_query(collection(name), text, {kNow});
    EXPECT_TRUE(query.has_value()) << query.error().describe();
    return query ? std::move(query->options) : BoundOptions{};
}

std::optional<std::string_view> option(const boost::json::object& one, std::string_view name) {
    const std::string_view text = codec::text_member(one, name);
    return text.empty() ? std::nullopt : std::optional(text);
}

TEST(Project, Cases) {
    std::ifstream file("testdata/cases.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto cases = codec::parse_json(text.str());
    ASSERT_TRUE(cases.has_value()) << cases.error().describe();
    ASSERT_FALSE(cases->as_array().empty());
    for (const boost::json::value& value : cases->as_array()) {
        const boost::json::object& one = value.as_object();
        SCOPED_TRACE(codec::text_member(one, "name"));
        const std::string_view name = codec::text_member(one, "collection");
        const BoundOptions options = options_of(name, option(one, "select"), option(one, "expand"));
        const boost::json::value* objects = one.if_contains("related");
        Stored stored(objects == nullptr ? boost::json::object() : *objects);
        const std::string document = boost::json::serialize(one.at("document"));
        const auto made = project(collection(name), options, {document, document}, stored);
        ASSERT_TRUE(made.has_value()) << made.error().describe();
        const std::string expected = boost::json::serialize(one.at("expected"));
        EXPECT_EQ(*made, std::vector<std::string>(2, expected));
    }
}

TEST(Project, AsksOncePerRelationOfAllRows) {
    Stored stored(boost::json::parse(R"({"assets":{"a":{"id":"a","providers":[{"id":"p"}]},
                                                   "b":{"id":"b","providers":[{"id":"q"}]}},
                                         "providers":{"p":{"id":"p"},"q":{"id":"q"}}})"));
    std::vector<std::string> rows;
    for (int i = 0; i < 100; ++i) {
        rows.push_back(i % 2 == 0 ? R"({"asset":{"id":"a"}})" : R"({"asset":{"id":"b"}})");
    }
    const auto options = options_of("findings", std::nullopt, "asset($expand=providers)");
    ASSERT_TRUE(project(collection("findings"), options, rows, stored).has_value());
    EXPECT_EQ(stored.calls, 2);
}

TEST(Project, AsksOncePerRelationOfANestedFilter) {
    Stored stored(boost::json::parse(R"({"assetScanEstimations":{"1":{"asset":{"id":"a"}},
                                          "2":{"asset":{"id":"b"}},"3":{"asset":{"id":"c"}}},
                                         "assets":{"a":{"name":"x"},"b":{"name":"x"}}})"));
    const auto options = options_of("scanEstimations", std::nullopt,
                                    "assetScanEstimations($filter=asset/name eq 'x';$count=true)");
    const auto made = project(
        collection("scanEstimations"), options,
        {R"({"assetScanEstimations":[{"id":"1"},{"id":"2"},{"id":"3"},{"id":"1"}]})"}, stored);
    ASSERT_TRUE(made.has_value());
    EXPECT_TRUE(made->front().starts_with(R"({"assetScanEstimations@odata.count":3,)"));
    EXPECT_EQ(stored.calls, 2);
}

TEST(Project, RefusesToGrowWithoutBound) {
    boost::json::array children;
    for (int i = 0; i < 2000; ++i)
        children.emplace_back(boost::json::object{{"id", std::to_string(i)}});
    boost::json::object estimations;
    for (int i = 0; i < 2000; ++i) {
        estimations[std::to_string(i)] = {{"id", std::to_string(i)},
                                          {"scanEstimation", {{"id", "e"}}}};
    }
    const boost::json::object parent = {{"assetScanEstimations", children}, {"id", "e"}};
    Stored stored(boost::json::object{{"assetScanEstimations", estimations},
                                      {"scanEstimations", {{"e", parent}}}});
    const auto options =
        options_of("scanEstimations", std::nullopt,
                   "assetScanEstimations/scanEstimation/assetScanEstimations/scanEstimation");
    const auto made =
        project(collection("scanEstimations"), options, {boost::json::serialize(parent)}, stored);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, base::ErrorCode::kLimitExceeded);
}

TEST(Project, RefusesToFilterWithoutEnd) {
    boost::json::array annotations(1000, boost::json::object{{"key", "a"}});
    const boost::json::object estimation = {{"annotations", annotations}, {"id", "1"}};
    Stored stored(boost::json::object{{"assetScanEstimations", {{"1", estimation}}}});
    const auto options = options_of("scanEstimations", std::nullopt,
                                    "assetScanEstimations($filter=annotations/any(a: "
                                    "$it/annotations/any(b: $it/annotations/any(c: "
                                    "$it/annotations/any(d: d/key eq 'b')))))");
    const auto made = project(collection("scanEstimations"), options,
                              {R"({"assetScanEstimations":[{"id":"1"}]})"}, stored);
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, base::ErrorCode::kLimitExceeded);
}

TEST(Project, SaysThatATextIsDamaged) {
    Stored stored(boost::json::object{});
    const auto options = options_of("assets", "id,summary/totalMalware", std::nullopt);
    for (const char* text : {"", "[", "{", "{\"id\"", "{\"id\":", "{\"id\":\"a", "{\"id\":\"a\"",
                             "{\"id\":}", "{\"id\":1,}", "{id:1}", "{\"summary\":{\"a\":1}",
                             "{\"summary\":{\"totalMalware\":[1}}", "{\"id\":1]}"}) {
        const auto made = project(collection("assets"), options, {text}, stored);
        // What is no object at all has nothing to select from.
        EXPECT_TRUE(!made || std::string_view(text).empty() || text[0] != '{') << text;
    }
}

TEST(Project, NamesMembersThatAreKeptApart) {
    const auto& scans = collection("assetScans");
    EXPECT_EQ(separate_members(scans, options_of("assetScans", "id,sboms,secrets/secrets", {})),
              (std::vector<std::string_view>{"sboms", "secrets"}));
    EXPECT_TRUE(separate_members(scans, options_of("assetScans", "*", {})).empty());
    EXPECT_EQ(separate_members(scans, options_of("assetScans", "*,sboms", {})),
              std::vector<std::string_view>{"sboms"});
    EXPECT_TRUE(separate_members(scans, BoundOptions{}).empty());
}

TEST(Project, RefusesMembersThatAreKeptApartOfOtherObjects) {
    QueryText text;
    text.expand = "foundBy($select=sboms)";
    const auto query = read_query(collection("findings"), text, {kNow});
    ASSERT_FALSE(query.has_value());
    EXPECT_EQ(query.error().where, "$expand at 0");
}

}  // namespace
}  // namespace vmsecurity::odata
