#include "store/asset_scan_hooks.h"

#include <array>
#include <optional>
#include <utility>

#include "base/log.h"
#include "codec/object_stream.h"
#include "findings/coverage_entries.h"
#include "findings/family.h"
#include "model/api/tables.h"
#include "model/schema/time.h"
#include "sql/query.h"
#include "store/clock.h"
#include "store/family_results.h"
#include "store/findings_store.h"
#include "store/separate.h"
#include "store/splice.h"

namespace vmsecurity::store {
namespace {

using boost::json::object;
using findings::Family;

// The text at a path of two or three members; empty if there is none.
std::string_view text_at(const object& from, std::initializer_list<std::string_view> path) {
    const object* here = &from;
    for (const std::string_view name : path) {
        if (name == *(path.end() - 1)) return codec::text_member(*here, name);
        here = codec::object_member(*here, name);
        if (here == nullptr) break;
    }
    return {};
}

bool is_processed(const object& asset_scan) {
    const auto* value = asset_scan.if_contains("findingsProcessed");
    return value != nullptr && value->is_bool() && value->get_bool();
}

bool is_done(const object& asset_scan, const Family& family) {
    if (text_at(asset_scan, {"status", family.name, "state"}) != "Done") return false;
    const object& status = asset_scan.at("status").get_object().at(family.name).get_object();
    const boost::json::array* errors = codec::array_member(status, "errors");
    return errors == nullptr || errors->empty();
}

// What holds for all families of an asset scan.
struct Processing {
    Transaction& transaction;
    std::string asset_scan_id;
    std::string asset_id;
    std::string scan_id;
    std::int64_t done_on = 0;
    std::optional<boost::json::array> coverage;
};

base::Result<void> add_results(const PackedJson& member, const Family& family,
                               const std::string& asset_scan, FindingReconciler& reconciler) {
    std::int64_t nameless = 0;
    codec::ObjectStream stream(
        {std::string(family.results)},
        {.element = [&](std::string_view, boost::json::value result) -> base::Result<void> {
             if (!result.is_object()) return {};
             auto finding = findings::observe_result(family.type, std::move(result.get_object()));
             if (finding) return reconciler.add(std::move(*finding));
             ++nameless;
             return {};
         },
         .member = [](std::string_view, const boost::json::value&) -> base::Result<void> {
             return {};
         }});
    VMSECURITY_TRY(
        unpack_pieces(member, [&](std::string_view piece) { return stream.write(piece); }));
    VMSECURITY_TRY(stream.finish());
    if (nameless > 0) {
        base::log::warning("asset scan {}: {} of its {} say not what they are, and are no findings",
                           asset_scan, nameless, family.member);
    }
    return {};
}

base::Result<void> reconcile(const Processing& processing, const Family& family) {
    sql::Connection& connection = processing.transaction.connection();
    VMSECURITY_ASSIGN(const bool reconciled,
                      has_family_results(connection, processing.asset_scan_id, family));
    if (reconciled) return {};
    VMSECURITY_ASSIGN(const auto member,
                      read_packed(connection, processing.asset_scan_id, family.member));
    if (!member) return {};
    Observation observation{.asset_scan_id = processing.asset_scan_id,
                            .asset_id = processing.asset_id,
                            .scan_id = processing.scan_id,
                            .type = family.type,
                            .observed_on = processing.done_on,
                            .coverage = {{.scanner = {}, .location = {}, .finished = true}}};
    if (processing.coverage) {
        observation.coverage = findings::covered_locations(family.name, *processing.coverage);
    }
    VMSECURITY_ASSIGN(const auto reconciler, FindingReconciler::begin(connection, observation));
    VMSECURITY_TRY(add_results(*member, family, processing.asset_scan_id, *reconciler));
    VMSECURITY_ASSIGN(const ReconcileResult result, reconciler->finish());
    return finish_reconciled(processing.transaction, observation, result);
}

base::Result<std::optional<boost::json::array>> read_coverage(sql::Connection& connection,
                                                              std::string_view asset_scan) {
    VMSECURITY_ASSIGN(const auto text, read_separate(connection, asset_scan, "coverage"));
    if (!text) return std::nullopt;
    VMSECURITY_ASSIGN(const boost::json::value value, codec::parse_json(*text));
    if (!value.is_array() || value.get_array().empty()) return std::nullopt;
    return value.get_array();
}

// In the same revision.
base::Result<void> set_processed(Transaction& transaction, const Item& asset_scan) {
    const std::array<JsonMember, 1> members = {{{"findingsProcessed", "true"}}};
    VMSECURITY_TRY(transaction.connection().execute(
        "UPDATE asset_scans SET document = $2, findings_processed = $3 WHERE id = $1",
        sql::bind(asset_scan.id,
                  splice_members(model::api::kAssetScanSchema, asset_scan.document, members),
                  true)));
    return {};
}

base::Result<void> process(Transaction& transaction, const Item& item, const object& asset_scan) {
    Processing processing{.transaction = transaction,
                          .asset_scan_id = item.id,
                          .asset_id = std::string(text_at(asset_scan, {"asset", "id"})),
                          .scan_id = std::string(text_at(asset_scan, {"scan", "id"})),
                          .done_on = now_nanoseconds(),
                          .coverage = std::nullopt};
    if (const auto time = model::schema::parse_time(
            text_at(asset_scan, {"status", "general", "lastTransitionTime"}))) {
        processing.done_on = model::schema::to_nanoseconds(*time);
    }
    VMSECURITY_ASSIGN(processing.coverage, read_coverage(transaction.connection(), item.id));
    for (const Family& family : findings::families()) {
        if (is_done(asset_scan, family)) VMSECURITY_TRY(reconcile(processing, family));
    }
    return set_processed(transaction, item);
}

}  // namespace

bool makes_findings(const object& asset_scan) {
    return text_at(asset_scan, {"status", "general", "state"}) == "Done" &&
           !text_at(asset_scan, {"asset", "id"}).empty() && !is_processed(asset_scan);
}

base::Result<void> AssetScanHooks::written(Transaction& transaction, const Item* before,
                                           const Item* after) const {
    if (after == nullptr) {
        // What a scan saw goes with it; its findings stay.
        VMSECURITY_TRY(transaction.connection().execute(
            "DELETE FROM asset_scan_reconciliations WHERE asset_scan_id = $1",
            sql::bind(before->id)));
        return {};
    }
    VMSECURITY_ASSIGN(const boost::json::value document, codec::parse_json(after->document));
    const object& asset_scan = document.as_object();
    return makes_findings(asset_scan) ? process(transaction, *after, asset_scan)
                                      : base::Result<void>{};
}

}  // namespace vmsecurity::store
