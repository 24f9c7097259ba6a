// Made by tools/apigen from api/openapi.yaml.
#include "model/api/tables.h"

#include <algorithm>

namespace vmsecurity::model::api {
namespace {


constexpr std::string_view kWordsOfFlawWord[] = {"flaw"};
constexpr std::string_view kWordsOfFlawSeverity[] = {"LOW", "MEDIUM", "HIGH"};
constexpr std::string_view kWordsOfSettingWord[] = {"setting"};
constexpr std::string_view kWordsOfSettingSeverity[] = {"Weak", "Grave"};
constexpr std::string_view kWordsOfInfoKind[] = {"flaw", "setting"};
constexpr std::string_view kWordsOfInfoSeverity[] = {"LOW", "Weak", "MEDIUM", "HIGH", "Grave"};

constexpr schema::Type kElement0 = {.kind = schema::Kind::kString};

constexpr schema::Field kFieldsOfMetadata[] = {
    {.name = "note", .type = {.kind = schema::Kind::kString}},
};
constexpr schema::Field kFieldsOfFlaw[] = {
    {.name = "kind", .type = {.kind = schema::Kind::kString, .enumeration = kWordsOfFlawWord}, .required = true},
    {.name = "score", .type = {.kind = schema::Kind::kInteger}},
    {.name = "severity", .type = {.kind = schema::Kind::kString, .enumeration = kWordsOfFlawSeverity, .ranked = true}},
};
constexpr schema::Field kFieldsOfSetting[] = {
    {.name = "kind", .type = {.kind = schema::Kind::kString, .enumeration = kWordsOfSettingWord}, .required = true},
    {.name = "name", .type = {.kind = schema::Kind::kString, .min_length = 1, .max_length = 40}, .required = true},
    {.name = "severity", .type = {.kind = schema::Kind::kString, .enumeration = kWordsOfSettingSeverity, .ranked = true}},
};
constexpr schema::Field kFieldsOfInfo[] = {
    {.name = "kind", .type = {.kind = schema::Kind::kString, .enumeration = kWordsOfInfoKind}, .required = true},
    {.name = "name", .type = {.kind = schema::Kind::kString, .min_length = 1, .max_length = 40}},
    {.name = "score", .type = {.kind = schema::Kind::kInteger}},
    {.name = "severity", .type = {.kind = schema::Kind::kString, .enumeration = kWordsOfInfoSeverity, .ranked = true}},
};
constexpr schema::Field kFieldsOfThingRelationship[] = {
    {.name = "id", .type = {.kind = schema::Kind::kString}, .required = true},
    {.name = "seen", .type = {.kind = schema::Kind::kTime}, .read_only = true},
};
constexpr schema::Field kFieldsOfThing[] = {
    {.name = "@odata.weight", .type = {.kind = schema::Kind::kNumber, .minimum = 0.0, .maximum = 1.0}},
    {.name = "id", .type = {.kind = schema::Kind::kString}, .read_only = true},
    {.name = "info", .type = {.kind = schema::Kind::kUnion, .schema = &kInfoSchema}},
    {.name = "labels", .type = {.kind = schema::Kind::kArray, .nullable = true, .element = &kElement0, .max_items = 9}},
    {.name = "note", .type = {.kind = schema::Kind::kString}},
    {.name = "owner", .type = {.kind = schema::Kind::kObject, .schema = &kThingRelationshipSchema}, .relation = &kThingsCollection},
    {.name = "raw", .type = {.kind = schema::Kind::kAny}},
    {.name = "seen", .type = {.kind = schema::Kind::kTime}},
};

constexpr schema::Variant kVariantsOfInfo[] = {
    {.value = "flaw", .schema = &kFlawSchema},
    {.value = "setting", .schema = &kSettingSchema},
};

constexpr schema::HotColumn kColumnsOfThing[] = {
    {.name = "seen", .path = "seen", .type = schema::ColumnType::kTime, .field = &kFieldsOfThing[7]},
    {.name = "severity", .path = "info/severity", .type = schema::ColumnType::kRank, .field = &kFieldsOfInfo[3]},
    {.name = "owner_id", .path = "owner/id", .type = schema::ColumnType::kText, .field = &kFieldsOfThingRelationship[0]},
};
constexpr std::string_view kSeparateOfThing[] = {"raw"};

constexpr const schema::Collection* kCollections[] = {
    &kThingsCollection,
};
constexpr const schema::Schema* kSchemas[] = {
    &kMetadataSchema,
    &kFlawSchema,
    &kSettingSchema,
    &kInfoSchema,
    &kThingRelationshipSchema,
    &kThingSchema,
};

}  // namespace

constinit const schema::Schema kMetadataSchema = {
    .name = "Metadata", .fields = kFieldsOfMetadata};
constinit const schema::Schema kFlawSchema = {
    .name = "Flaw", .fields = kFieldsOfFlaw};
constinit const schema::Schema kSettingSchema = {
    .name = "Setting", .fields = kFieldsOfSetting, .min_properties = 1, .closed = true};
constinit const schema::Schema kInfoSchema = {
    .name = "Info", .fields = kFieldsOfInfo, .discriminator = "kind", .variants = kVariantsOfInfo};
constinit const schema::Schema kThingRelationshipSchema = {
    .name = "ThingRelationship", .fields = kFieldsOfThingRelationship};
constinit const schema::Schema kThingSchema = {
    .name = "Thing", .fields = kFieldsOfThing};

constinit const schema::Collection kThingsCollection = {
    .name = "things", .singular = "thing", .table = "things", .schema = &kThingSchema,
    .columns = kColumnsOfThing,
    .separate = kSeparateOfThing,
    .has_revision = true, .read_only = false};

std::span<const schema::Collection* const> collections() {
    return kCollections;
}

const schema::Collection* find_collection(std::string_view name) {
    const auto found = std::ranges::find(kCollections, name, [](const schema::Collection* one) { return one->name; });
    return found == std::end(kCollections) ? nullptr : *found;
}

const schema::Schema* find_schema(std::string_view name) {
    const auto found = std::ranges::find(kSchemas, name, [](const schema::Schema* one) { return one->name; });
    return found == std::end(kSchemas) ? nullptr : *found;
}

}  // namespace vmsecurity::model::api
