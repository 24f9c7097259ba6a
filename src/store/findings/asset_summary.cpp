#include <array>
#include <utility>

#include "findings/family.h"
#include "findings/severity_rank.h"
#include "model/api/tables.h"
#include "sql/query.h"
#include "store/findings_store.h"

namespace vmsecurity::store {
namespace {

using findings::FindingType;

struct Counter {
    std::string_view member;
    std::string_view severity;  // of vulnerabilities
};

constexpr std::array<Counter, 5> kVulnerabilityCounters = {{
    {"totalCriticalVulnerabilities", "CRITICAL"},
    {"totalHighVulnerabilities", "HIGH"},
    {"totalMediumVulnerabilities", "MEDIUM"},
    {"totalLowVulnerabilities", "LOW"},
    {"totalNegligibleVulnerabilities", "NEGLIGIBLE"},
}};

base::Result<std::optional<std::string>> unique_key_of(Transaction& transaction,
                                                       std::string_view asset_id) {
    return sql::query_value<std::string>(transaction.connection(),
                                         "SELECT unique_key FROM assets WHERE id = $1",
                                         sql::bind(asset_id));
}

}  // namespace

void FindingTally::add(std::int64_t severity, std::int64_t number) {
    all += number;
    if (severity >= 0 && severity < static_cast<std::int64_t>(by_rank.size())) {
        by_rank[static_cast<std::size_t>(severity)] += number;
    }
}

boost::json::value summary_counter(FindingType type, const FindingTally& tally) {
    if (type != FindingType::kVulnerability) return tally.all;
    boost::json::object by_severity;
    for (const auto& [member, severity] : kVulnerabilityCounters) {
        const auto rank = static_cast<std::size_t>(findings::severity_rank(severity));
        by_severity[member] = tally.by_rank.at(rank);
    }
    return by_severity;
}

base::Result<void> set_summary_counter(Transaction& transaction, std::string_view asset_id,
                                       FindingType type, const FindingTally& tally) {
    const auto& assets = model::api::kAssetsCollection;
    VMSECURITY_ASSIGN(const auto item, transaction.find(assets, asset_id));
    if (!item) return {};
    VMSECURITY_ASSIGN(boost::json::value value, codec::parse_json(item->document));
    boost::json::object& document = value.as_object();
    boost::json::value& summary = document["summary"];
    if (!summary.is_object()) summary = boost::json::object();
    boost::json::value& place = summary.get_object()[findings::family_of(type).counter];
    boost::json::value now = summary_counter(type, tally);
    if (place == now) return {};
    place = std::move(now);
    // Assets are unique by what they are, of which nothing changes here.
    VMSECURITY_ASSIGN(const auto key, unique_key_of(transaction, item->id));
    return transaction.replace(assets, {item->id, item->revision + 1, key, std::move(document)});
}

base::Result<void> finish_reconciled(Transaction& transaction, const Observation& observation,
                                     const ReconcileResult& result) {
    VMSECURITY_TRY(
        set_summary_counter(transaction, observation.asset_id, observation.type, result.active));
    if (!result.wrote) return {};
    transaction.record_change("assetScans", observation.asset_scan_id, ChangeKind::kUpdated, 0,
                              findings::family_of(observation.type).name);
    return {};
}

base::Result<ReconcileResult> reconcile_findings(Transaction& transaction,
                                                 const Observation& observation,
                                                 std::span<findings::ObservedFinding> findings) {
    VMSECURITY_ASSIGN(const ReconcileResult result,
                      reconcile_findings(transaction.connection(), observation, findings));
    VMSECURITY_TRY(finish_reconciled(transaction, observation, result));
    return result;
}

}  // namespace vmsecurity::store
