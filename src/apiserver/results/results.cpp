#include "apiserver/results/results.h"

#include <fmt/format.h>

#include "apiserver/audit/audit.h"
#include "apiserver/http/answer.h"
#include "apiserver/objects/body.h"
#include "apiserver/objects/transact.h"
#include "apiserver/results/asset_scan_results.h"
#include "apiserver/results/upload.h"
#include "base/text.h"
#include "codec/json_writer.h"
#include "model/api/tables.h"
#include "store/family_results.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

namespace {

const findings::Family* family_of(const Call& call) {
    return findings::find_family(call.match.parameter("family"));
}

net::Response no_family(const Call& call) {
    return refuse(
        Refusal{.status = 404,
                .message = fmt::format("there is no family '{}'",
                                       base::escape_bytes(call.match.parameter("family"))),
                .code = "notFound",
                .target = "family",
                .position = std::nullopt,
                .details = {}});
}

net::Response not_found(std::string message) {
    return refuse(Refusal{.status = 404,
                          .message = std::move(message),
                          .code = "notFound",
                          .target = {},
                          .position = std::nullopt,
                          .details = {}});
}

net::Response no_asset_scan(const Call& call) {
    return not_found(fmt::format("there is no assetScan '{}'", base::escape_bytes(call.id())));
}

std::string summary_json(const store::ReconcileResult& result) {
    codec::JsonWriter writer;
    writer.begin_object();
    writer.member("active", result.active.all);
    writer.member("added", result.added);
    writer.member("invalidated", result.invalidated);
    writer.member("kept", result.protected_by_coverage);
    writer.member("seenAgain", result.kept);
    writer.end_object();
    return writer.take();
}

base::Result<net::Response> store_upload(const Call& call, store::Transaction& transaction,
                                         const findings::Family& family,
                                         const FamilyUpload& upload) {
    const auto& asset_scans = model::api::kAssetScansCollection;
    VMSECURITY_ASSIGN(const auto found, transaction.find(asset_scans, call.id()));
    if (!found) return no_asset_scan(call);
    VMSECURITY_ASSIGN(AssetScanResults results,
                      AssetScanResults::open(transaction, *found, family));
    if (results.asset_id().empty()) {
        return refuse(Refusal{.status = 400,
                              .message = "the asset scan names no asset whose findings these could "
                                         "be; set its asset first",
                              .code = "invalidRequest",
                              .target = {},
                              .position = std::nullopt,
                              .details = {}});
    }
    VMSECURITY_ASSIGN(const store::ReconcileResult result, results.reconcile(upload));
    VMSECURITY_ASSIGN(const bool changed, results.store(upload, result));
    if (changed) {
        VMSECURITY_TRY(record_audit(transaction, call,
                                    {.object_id = found->id,
                                     .revision = results.revision(),
                                     .status = 200,
                                     .before = &results.before(),
                                     .after = &results.after()}));
    }
    return json_answer(200, summary_json(result));
}

// Writes "{head, "items":[...]}" while it is unpacked.
base::Result<void> write_results(const store::PackedJson& results, net::BodyWriter& out) {
    std::string_view before;
    VMSECURITY_TRY(store::for_each_line(
        results,
        [&](std::string_view head) -> base::Result<void> {
            head.remove_suffix(1);  // the brace
            VMSECURITY_TRY(out.write(head));
            return out.write(head.size() > 1 ? ",\"items\":[" : "\"items\":[");
        },
        [&](std::string_view item) -> base::Result<void> {
            VMSECURITY_TRY(out.write(std::exchange(before, ",")));
            return out.write(item);
        }));
    VMSECURITY_TRY(out.write("]}\n"));
    return out.finish();
}

}  // namespace

std::optional<net::Response> put_results(const Call& call, net::BodyReader& in,
                                         net::BodyWriter& /*out*/) {
    const findings::Family* family = family_of(call);
    if (family == nullptr) return no_family(call);
    if (auto refused = refuse_content_type(call)) return refused;
    // Before all of it is read for nothing; in the transaction it is looked at again.
    const auto there = call.services.store.get(model::api::kAssetScansCollection, call.id(),
                                               call.request.deadline, true);
    if (!there && there.error().code == base::ErrorCode::kNotFound) return no_asset_scan(call);
    net::Response refusal;
    const auto upload = read_upload(*family, in, refusal);
    if (!upload) return refusal;
    return transact_large(call, [&](store::Transaction& transaction) {
        return store_upload(call, transaction, *family, *upload);
    });
}

std::optional<net::Response> get_results(const Call& call, net::BodyReader& /*in*/,
                                         net::BodyWriter& out) {
    const findings::Family* family = family_of(call);
    if (family == nullptr) return no_family(call);
    std::optional<store::PackedJson> results;
    const auto read = call.services.store.database().read(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(results, store::read_packed(connection, call.id(),
                                                          store::family_results_row(*family)));
            return {};
        },
        call.request.deadline);
    if (!read) return refuse(read.error());
    if (!results) {
        return not_found(fmt::format("no results of {} were sent for an assetScan '{}'",
                                     family->name, base::escape_bytes(call.id())));
    }
    net::Headers headers;
    headers.add("Content-Type", "application/json; charset=UTF-8");
    if (!out.begin(200, std::move(headers))) return std::nullopt;
    // What ends early is cut off, and so seen to be incomplete.
    (void)write_results(*results, out);
    return std::nullopt;
}

}  // namespace vmsecurity::apiserver
