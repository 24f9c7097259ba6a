// Made by tools/apigen from api/openapi.yaml.
#include "model/api/routes.h"

#include <cstdint>

#include "model/api/tables.h"

namespace vmsecurity::model::api {
namespace {



constexpr schema::Parameter kParameters0[] = {
    {.name = "$top", .place = schema::Place::kQuery, .type = {.kind = schema::Kind::kInteger}},
};
constexpr schema::Parameter kParameters1[] = {
    {.name = "thingID", .place = schema::Place::kPath, .type = {.kind = schema::Kind::kString, .min_length = 1}, .required = true},
};

constexpr std::uint16_t kStatuses0[] = { 200, 400 };

const schema::Route kRoutes[] = {
    {.method = "GET", .path = "/things", .operation = "GetThings",
     .parameters = kParameters0, .role = schema::AccessRole::kViewer, .lane = schema::RouteLane::kRead, .handler = schema::HandlerKind::kSimple, .statuses = kStatuses0, .collection = &kThingsCollection, .action = schema::Action::kList},
    {.method = "PATCH", .path = "/things/{thingID}", .operation = "PatchThing",
     .parameters = kParameters1, .body = &kThingSchema, .role = schema::AccessRole::kOperator, .scanner = true, .lane = schema::RouteLane::kWrite, .handler = schema::HandlerKind::kStreaming, .statuses = kStatuses0, .collection = &kThingsCollection, .action = schema::Action::kPatch},
};

}  // namespace

std::span<const schema::Route> routes() {
    return kRoutes;
}

}  // namespace vmsecurity::model::api
