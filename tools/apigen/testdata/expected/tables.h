// Made by tools/apigen from api/openapi.yaml.
#pragma once

#include <span>
#include <string_view>

#include "model/schema/schema.h"

namespace vmsecurity::model::api {

// All collections, in the order of the description, and one by its name ("assetScans") or nullptr.
std::span<const schema::Collection* const> collections();
const schema::Collection* find_collection(std::string_view name);
// An object or union by its name ("VMInfo"), or nullptr.
const schema::Schema* find_schema(std::string_view name);

extern const schema::Collection kThingsCollection;

extern const schema::Schema kMetadataSchema;
extern const schema::Schema kFlawSchema;
extern const schema::Schema kSettingSchema;
extern const schema::Schema kInfoSchema;
extern const schema::Schema kThingRelationshipSchema;
extern const schema::Schema kThingSchema;

}  // namespace vmsecurity::model::api
