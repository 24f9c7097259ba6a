#include "model/api/tables.h"

#include "model/api/openapi.h"
#include "model/api/routes.h"
#include "model/schema/canonical.h"

namespace vmsecurity::model::api {
namespace {

using schema::ColumnType;
using schema::Kind;

std::vector<std::string_view> words(const schema::Type& type) {
    return {type.enumeration.begin(), type.enumeration.end()};
}

const schema::HotColumn* column(const schema::Collection& collection, std::string_view path) {
    const auto found = std::ranges::find(collection.columns, path, &schema::HotColumn::path);
    return found == collection.columns.end() ? nullptr : &*found;
}

TEST(Tables, CollectionsAreFoundByName) {
    EXPECT_EQ(find_collection("assetScans"), &kAssetScansCollection);
    EXPECT_EQ(find_collection("assetscans"), nullptr);
    EXPECT_EQ(find_schema("VMInfo"), &kVMInfoSchema);
    EXPECT_EQ(collections().size(), 19);
    EXPECT_EQ(kAssetScansCollection.singular, "assetScan");
    EXPECT_FALSE(kFindingsCollection.has_revision);
    EXPECT_TRUE(kAssetFindingsCollection.read_only);
}

TEST(Tables, FieldsStandInCanonicalOrder) {
    for (const schema::Collection* collection : collections()) {
        std::vector<std::string> names;
        for (const schema::Field& field : collection->schema->fields) {
            names.emplace_back(field.name);
            names.back()[0] = static_cast<char>(std::toupper(names.back()[0]));
        }
        EXPECT_TRUE(std::ranges::is_sorted(names)) << collection->name;
    }
    EXPECT_EQ(kVulnerabilityDistroSchema.fields[0].name, "IDLike");
}

TEST(Tables, RelationsLeadToTheirCollection) {
    EXPECT_EQ(kFindingSchema.find("asset")->relation, &kAssetsCollection);
    EXPECT_EQ(kAssetSchema.find("providers")->relation, &kProvidersCollection);
    const schema::Schema& relationship = *kFindingSchema.find("asset")->type.schema;
    EXPECT_FALSE(relationship.find("id")->read_only);
    EXPECT_TRUE(relationship.find("assetInfo")->read_only);
}

TEST(Tables, UnionsHaveTheFieldsOfTheirVariants) {
    EXPECT_EQ(kAssetTypeSchema.find("dirName")->type.kind, Kind::kString);
    EXPECT_EQ(words(kAssetTypeSchema.find("objectType")->type),
              (std::vector<std::string_view>{"VMInfo", "PodInfo", "DirInfo", "ContainerImageInfo",
                                             "ContainerInfo"}));
    // A word of one variant and free text of another: free text.
    EXPECT_TRUE(kFindingInfoSchema.find("type")->type.enumeration.empty());
    EXPECT_EQ(kFindingInfoSchema.variant("Malware"), &kMalwareFindingInfoSchema);
}

TEST(Tables, SeveritiesOfAllVariantsStandInOneOrder) {
    const schema::Type& severity = kFindingInfoSchema.find("severity")->type;
    EXPECT_TRUE(severity.ranked);
    EXPECT_EQ(words(severity),
              (std::vector<std::string_view>{"NEGLIGIBLE", "LOW", "MisconfigurationLowSeverity",
                                             "MEDIUM", "MisconfigurationMediumSeverity", "HIGH",
                                             "MisconfigurationHighSeverity", "CRITICAL"}));
    // Maintained counts keep the same ranks.
    EXPECT_EQ(words(kFindingCountSchema.find("severity")->type), words(severity));
}

TEST(Tables, ColumnsTakeTheirTypesFromTheFields) {
    EXPECT_EQ(column(kFindingsCollection, "foundOn")->type, ColumnType::kTime);
    EXPECT_EQ(column(kFindingsCollection, "findingInfo/severity")->type, ColumnType::kRank);
    EXPECT_EQ(column(kFindingsCollection, "enrichment/epss/score")->type, ColumnType::kReal);
    EXPECT_EQ(column(kAssetsCollection, "summary/totalPackages")->type, ColumnType::kInteger);
    EXPECT_EQ(column(kAssetScansCollection, "findingsProcessed")->type, ColumnType::kBoolean);
    EXPECT_EQ(column(kAssetsCollection, "assetInfo/location")->name, "location");
}

TEST(Routes, KnowWhatTheDescriptionSays) {
    const schema::RouteMatch match = api::match("PATCH", "/api/scans/7");
    ASSERT_NE(match.route, nullptr);
    EXPECT_EQ(match.route->operation, "PatchScansScanID");
    EXPECT_EQ(match.parameter("scanID"), "7");
    EXPECT_EQ(match.route->body, &kScanSchema);
    EXPECT_EQ(match.route->collection, &kScansCollection);
    EXPECT_EQ(match.route->action, schema::Action::kPatch);
    EXPECT_EQ(match.route->role, schema::AccessRole::kOperator);
    EXPECT_EQ(match.route->lane, schema::RouteLane::kWrite);
    EXPECT_THAT(match.route->statuses, testing::Contains(409));
    EXPECT_EQ(match.route->find(schema::Place::kHeader, "If-Match")->type.kind, Kind::kInteger);

    const schema::RouteMatch results = api::match("PUT", "/assetScans/7/results/sbom");
    ASSERT_NE(results.route, nullptr);
    EXPECT_EQ(results.route->handler, schema::HandlerKind::kStreaming);
    EXPECT_TRUE(results.route->scanner);
    EXPECT_EQ(words(results.route->find(schema::Place::kPath, "family")->type).size(), 8);
}

TEST(OpenApi, IsTheDescriptionInJson) {
    const auto document = codec::parse_json(openapi_json());
    ASSERT_TRUE(document.has_value()) << document.error().describe();
    EXPECT_EQ(document->at("openapi").as_string(), "3.0.3");
    // Merge keys are spelled out, and the place that the anchors had is not shown.
    EXPECT_TRUE(document->at_pointer("/paths/~1assets/get/responses").as_object().contains("503"));
    EXPECT_FALSE(document->as_object().contains("x-shared"));
}

}  // namespace
}  // namespace vmsecurity::model::api
