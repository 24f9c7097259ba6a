#include <cstdlib>

#include "model/api/json.h"
#include "model/api/tables.h"
#include "model/api/testing/random_document.h"
#include "model/schema/canonical.h"
#include "model/schema/merge.h"
#include "model/schema/validate.h"

// What holds for every document, shown on random ones. VMSECURITY_TEST_SEED repeats a failure.
namespace vmsecurity::model::api {
namespace {

constexpr int kDocuments = 200;

std::uint64_t seed() {
    const char* given = std::getenv("VMSECURITY_TEST_SEED");
    return given == nullptr ? 20261125 : std::strtoull(given, nullptr, 10);
}

boost::json::object parsed(std::string_view text) {
    return codec::parse_json(text).value().as_object();
}

// `one` with `other` as a merge patch, which has nothing to clear.
std::string merged(const schema::Schema& schema, boost::json::object one,
                   const boost::json::object& other) {
    schema::merge_patch(schema, one, other);
    return schema::canonical_text(schema, one);
}

template <typename T>
std::string through_type(const schema::Schema& schema, const boost::json::object& document) {
    const base::Result<T> object = from_json<T>(document);
    EXPECT_TRUE(object.has_value()) << object.error().describe();
    return object ? schema::canonical_text(schema, write(*object).as_object()) : std::string();
}

class RoundTrip : public testing::TestWithParam<const schema::Collection*> {
  protected:
    const schema::Schema& schema_ = *GetParam()->schema;
    testing_support::RandomDocument random_{seed()};
};

TEST_P(RoundTrip, CanonicalTextIsValidAndItsOwnCanonicalText) {
    for (int i = 0; i < kDocuments; ++i) {
        const boost::json::object document = random_.object(schema_);
        const auto faults = schema::validate(schema_, document, schema::Mode::kWhole);
        ASSERT_TRUE(faults.empty()) << faults[0].pointer << ' ' << faults[0].reason;
        const std::string text = schema::canonical_text(schema_, document);
        const boost::json::object again = parsed(text);
        EXPECT_TRUE(schema::validate(schema_, again, schema::Mode::kWhole).empty()) << text;
        EXPECT_EQ(schema::canonical_text(schema_, again), text);
    }
}

TEST_P(RoundTrip, OrderOfMembersDoesNotMatter) {
    for (int i = 0; i < kDocuments; ++i) {
        const boost::json::object document = random_.object(schema_);
        boost::json::object turned;
        for (auto member = document.end(); member != document.begin();) {
            --member;
            turned.emplace(member->key(), member->value());
        }
        EXPECT_EQ(schema::canonical_text(schema_, turned),
                  schema::canonical_text(schema_, document));
    }
}

TEST_P(RoundTrip, MergingAgainChangesNothing) {
    for (int i = 0; i < kDocuments; ++i) {
        const boost::json::object one = random_.object(schema_);
        const boost::json::object two = random_.object(schema_);
        const std::string once = merged(schema_, one, two);
        EXPECT_EQ(merged(schema_, parsed(once), two), once);
        EXPECT_TRUE(schema::validate(schema_, parsed(once), schema::Mode::kWhole).empty()) << once;
        EXPECT_EQ(merged(schema_, one, {}), schema::canonical_text(schema_, one));
    }
}

TEST_P(RoundTrip, DroppingReadOnlyMembersLeavesTheRest) {
    for (int i = 0; i < kDocuments; ++i) {
        boost::json::object document = random_.object(schema_);
        const std::string before = schema::canonical_text(schema_, document);
        schema::drop_read_only(schema_, document);
        EXPECT_EQ(schema::canonical_text(schema_, document), before);
    }
}

INSTANTIATE_TEST_SUITE_P(All, RoundTrip,
                         testing::ValuesIn(collections().begin(), collections().end()),
                         [](const auto& instance) { return std::string(instance.param->name); });

TEST(RoundTripOfTypes, GivesTheSameText) {
    testing_support::RandomDocument random(seed());
    for (int i = 0; i < kDocuments; ++i) {
        const auto check = [&]<typename T>(T*, const schema::Schema& schema) {
            const boost::json::object document = random.object(schema);
            EXPECT_EQ(through_type<T>(schema, document), schema::canonical_text(schema, document));
        };
        check(static_cast<Asset*>(nullptr), kAssetSchema);
        check(static_cast<AssetScan*>(nullptr), kAssetScanSchema);
        check(static_cast<Scan*>(nullptr), kScanSchema);
        check(static_cast<ScanConfig*>(nullptr), kScanConfigSchema);
        check(static_cast<Finding*>(nullptr), kFindingSchema);
        check(static_cast<AssetScanEstimation*>(nullptr), kAssetScanEstimationSchema);
        check(static_cast<FamilyResults*>(nullptr), kFamilyResultsSchema);
        check(static_cast<Token*>(nullptr), kTokenSchema);
    }
}

}  // namespace
}  // namespace vmsecurity::model::api
