#include "apiserver/results/asset_scan_results.h"

#include <fmt/format.h>

#include <utility>

#include "apiserver/rules/fields.h"
#include "apiserver/rules/rules.h"
#include "findings/coverage_entries.h"
#include "findings/observed_finding.h"
#include "model/api/tables.h"
#include "model/schema/canonical.h"
#include "store/family_results.h"

namespace vmsecurity::apiserver {

namespace {

using boost::json::object;

// A member that is an object; made where there is none.
object& object_at(object& parent, std::string_view name) {
    boost::json::value& value = parent[name];
    if (!value.is_object()) value = object();
    return value.get_object();
}

boost::json::array array_of(const object& parent, std::string_view name) {
    const boost::json::array* array = codec::array_member(parent, name);
    return array == nullptr ? boost::json::array{} : *array;
}

}  // namespace

base::Result<AssetScanResults> AssetScanResults::open(store::Transaction& transaction,
                                                      const store::Item& asset_scan,
                                                      const findings::Family& family) {
    AssetScanResults results(transaction, family);
    VMSECURITY_ASSIGN(boost::json::value document, codec::parse_json(asset_scan.document));
    results.id_ = asset_scan.id;
    results.revision_ = asset_scan.revision;
    results.before_ = std::move(document.as_object());
    return results;
}

std::string_view AssetScanResults::asset_id() const {
    return text_at(before_, {"asset", "id"});
}

base::Result<store::ReconcileResult> AssetScanResults::reconcile(const FamilyUpload& upload) {
    const store::Observation observation{
        .asset_scan_id = id_,
        .asset_id = std::string(asset_id()),
        .scan_id = std::string(text_at(before_, {"scan", "id"})),
        .type = family_.type,
        .observed_on = upload.observed_on,
        .coverage = findings::covered_locations(family_.name, array_of(upload.head, "coverage"))};
    VMSECURITY_ASSIGN(const auto reconciler,
                      store::FindingReconciler::begin(transaction_.connection(), observation));
    VMSECURITY_TRY(store::for_each_line(
        upload.as_sent, [](std::string_view) { return base::Result<void>{}; },
        [&](std::string_view line) -> base::Result<void> {
            VMSECURITY_ASSIGN(boost::json::value item, codec::parse_json(line));
            VMSECURITY_ASSIGN(auto finding,
                              findings::observe_item(family_.type, std::move(item.as_object())));
            return reconciler->add(std::move(finding));
        }));
    VMSECURITY_ASSIGN(const store::ReconcileResult result, reconciler->finish());
    VMSECURITY_TRY(store::finish_reconciled(transaction_, observation, result));
    return result;
}

base::Result<bool> AssetScanResults::store(const FamilyUpload& upload,
                                           const store::ReconcileResult& result) {
    VMSECURITY_ASSIGN(const bool known, is_known(upload));
    if (known && !result.wrote) return false;
    after_ = before_;
    describe(upload, result);
    VMSECURITY_TRY(store_coverage(upload));
    sql::Connection& connection = transaction_.connection();
    VMSECURITY_TRY(store::write_packed(connection, id_, family_.member, upload.member));
    VMSECURITY_TRY(
        store::write_packed(connection, id_, store::family_results_row(family_), upload.as_sent));
    ++revision_;
    const TypeRules& rules = rules_of(model::api::kAssetScansCollection.name);
    VMSECURITY_TRY(transaction_.replace(model::api::kAssetScansCollection,
                                        {.id = id_,
                                         .revision = revision_,
                                         .unique_key = rules.unique_key(after_),
                                         .document = after_}));
    return true;
}

base::Result<bool> AssetScanResults::is_known(const FamilyUpload& upload) const {
    if (text_at(before_, {"status", family_.name, "state"}) != "Done") return false;
    VMSECURITY_ASSIGN(const auto stored, store::read_packed(transaction_.connection(), id_,
                                                            store::family_results_row(family_)));
    return stored == upload.as_sent;
}

// What 0.6 clients wrote themselves, family by family.
void AssetScanResults::describe(const FamilyUpload& upload, const store::ReconcileResult& result) {
    object& status = object_at(object_at(after_, "status"), family_.name);
    status["state"] = "Done";
    status["lastTransitionTime"] = time_text(std::chrono::system_clock::now());
    status["errors"] = array_of(upload.head, "errors");
    if (status.at("errors").get_array().empty()) status.erase("errors");
    object& stats = object_at(after_, "stats");
    stats[family_.name] = array_of(upload.head, "stats");
    if (stats.at(family_.name).get_array().empty()) stats.erase(family_.name);
    if (stats.empty()) after_.erase("stats");
    object_at(after_, "summary")[family_.counter] =
        store::summary_counter(family_.type, result.seen);
}

base::Result<void> AssetScanResults::store_coverage(const FamilyUpload& upload) {
    constexpr std::string_view kMember = "coverage";
    VMSECURITY_ASSIGN(const auto stored,
                      store::read_separate(transaction_.connection(), id_, kMember));
    boost::json::array known;
    if (stored) {
        VMSECURITY_ASSIGN(boost::json::value value, codec::parse_json(*stored));
        if (value.is_array()) known = std::move(value.get_array());
    }
    boost::json::array merged =
        findings::merge_coverage(known, family_.name, array_of(upload.head, kMember));
    after_["coverageComplete"] = findings::is_complete(merged);
    const auto& type = model::api::kAssetScanSchema.find(kMember)->type;
    return transaction_.put_separate(model::api::kAssetScansCollection, id_, kMember,
                                     model::schema::canonical_text(type, std::move(merged)));
}

}  // namespace vmsecurity::apiserver
