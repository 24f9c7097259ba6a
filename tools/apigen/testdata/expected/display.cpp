// Made by tools/apigen from api/openapi.yaml.
#include "model/api/display.h"

#include "model/api/tables.h"

namespace vmsecurity::model::api {
namespace {

constexpr std::string_view kPaths1OfThing[] = {"info/severity"};
constexpr std::string_view kPaths2OfThing[] = {"owner/seen", "owner/id"};
constexpr schema::DisplayColumn kDisplayOfThing[] = {
    {.title = "SEVERITY", .paths = kPaths1OfThing},
    {.title = "OWNER", .paths = kPaths2OfThing},
};

constexpr schema::Display kDisplays[] = {
    {.collection = &kThingsCollection, .short_name = "t", .columns = kDisplayOfThing},
};

}  // namespace

std::span<const schema::Display> displays() {
    return kDisplays;
}

}  // namespace vmsecurity::model::api
