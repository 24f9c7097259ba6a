#include "apiserver/handlers.h"

#include <map>

#include "apiserver/changes/events.h"
#include "apiserver/exports/export.h"
#include "apiserver/leases/lease.h"
#include "apiserver/objects/read.h"
#include "apiserver/objects/remove.h"
#include "apiserver/objects/write.h"
#include "apiserver/reference/reference.h"
#include "apiserver/results/results.h"
#include "apiserver/system/description.h"
#include "apiserver/system/retention.h"
#include "apiserver/system/scope_preview.h"
#include "apiserver/system/whoami.h"

namespace vmsecurity::apiserver {

namespace {

SimpleHandler handler_of(model::schema::Action action) {
    switch (action) {
        case model::schema::Action::kList:
            return list_objects;
        case model::schema::Action::kCreate:
            return create_object;
        case model::schema::Action::kRead:
            return get_object;
        case model::schema::Action::kReplace:
            return replace_object;
        case model::schema::Action::kPatch:
            return patch_object;
        case model::schema::Action::kDelete:
            return remove_object;
        case model::schema::Action::kOther:
            break;
    }
    return nullptr;
}

}  // namespace

OperationHandler handler_of(const model::schema::Route& route) {
    static const std::map<std::string_view, OperationHandler> kOthers = {
        {"GetReference", {.simple = get_reference}},
        {"GetReferenceFile", {.simple = get_reference_file}},
        {"GetOpenAPISpec", {.simple = get_description}},
        {"GetAssetScanResults", {.streaming = get_results}},
        {"PutAssetScanResults", {.streaming = put_results}},
        {"GetExport", {.streaming = export_collection}},
        {"GetChanges", {.events = get_changes}},
        {"GetLease", {.simple = get_lease}},
        {"PutLease", {.simple = put_lease}},
        {"DeleteLease", {.simple = delete_lease}},
        {"PostScopePreview", {.simple = preview_scope}},
        {"GetWhoAmI", {.simple = who_am_i}},
        {"GetRetention", {.simple = get_retention}},
        {"PutRetention", {.simple = put_retention}},
    };
    if (const SimpleHandler handler = handler_of(route.action)) return {.simple = handler};
    const auto found = kOthers.find(route.operation);
    return found == kOthers.end() ? OperationHandler{} : found->second;
}

}  // namespace vmsecurity::apiserver
