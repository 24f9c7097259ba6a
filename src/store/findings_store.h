#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "findings/coverage.h"
#include "findings/finding_key.h"
#include "findings/observed_finding.h"
#include "sql/connection.h"
#include "store/store.h"

// Findings in the database: reconciliation, and the single writes of the API. Both keep the counts
// that dashboards read (findingCounts, findingImpacts) in their own transaction.
namespace vmsecurity::store {

// One scan's look at one family of one asset.
struct Observation {
    std::string asset_scan_id;
    std::string asset_id;
    std::string scan_id;  // or empty
    findings::FindingType type = findings::FindingType::kPackage;
    std::int64_t observed_on = 0;  // nanoseconds since 1970: when the asset looked like this
    // A finding may vanish only where the scanner that found it finished over its location.
    std::vector<findings::CoveredLocation> coverage;
};

// A number of findings of one asset and type.
struct FindingTally {
    std::int64_t all = 0;
    std::array<std::int64_t, 8> by_rank = {};  // findings::severity_rank

    void add(std::int64_t severity, std::int64_t number);  // severity -1: none
};

struct ReconcileResult {
    std::int64_t added = 0;
    std::int64_t kept = 0;
    std::int64_t changed = 0;  // of those kept: what they say is new
    std::int64_t invalidated = 0;
    std::int64_t protected_by_coverage = 0;  // not seen, and not looked for: still valid
    std::int64_t merged = 0;                 // duplicates in the observation
    FindingTally seen;                       // each once
    FindingTally active;                     // valid now, and not suppressed
    bool wrote = false;                      // anything: else all of it was known already
};

// Brings the asset's findings of one type in line with an observation, by the rules of
// findings::Reconciliation, in the transaction of `connection`. Findings come one at a time: what
// is held in memory of one that is known is its key.
//
// The same observation again changes nothing. A second observation of an asset scan and type with
// another time counts as one more; the later of the two is what the asset scan is said to have
// seen.
class FindingReconciler {
  public:
    static base::Result<std::unique_ptr<FindingReconciler>> begin(sql::Connection& connection,
                                                                  Observation observation);
    virtual ~FindingReconciler() = default;
    // Of equal keys the first one stands.
    virtual base::Result<void> add(findings::ObservedFinding finding) = 0;
    // The last call. Neither the asset's summary nor the change feed is touched;
    // finish_reconciled() does that.
    virtual base::Result<ReconcileResult> finish() = 0;
};

// All of it at once; the findings are moved from.
base::Result<ReconcileResult> reconcile_findings(sql::Connection& connection,
                                                 const Observation& observation,
                                                 std::span<findings::ObservedFinding> findings);

// Writes the counts into the asset's summary, if they are others, and records the change of the
// asset scan's family, if there was one. Nothing is written for an asset that is not stored.
base::Result<void> finish_reconciled(Transaction& transaction, const Observation& observation,
                                     const ReconcileResult& result);
base::Result<ReconcileResult> reconcile_findings(Transaction& transaction,
                                                 const Observation& observation,
                                                 std::span<findings::ObservedFinding> findings);

// What a summary (of an asset, an asset scan) says of a type under findings::Family::counter: a
// number, or the numbers by severity.
boost::json::value summary_counter(findings::FindingType type, const FindingTally& tally);

// Writes the counter of a type into the asset's summary, if it is another one, and the asset is
// stored.
base::Result<void> set_summary_counter(Transaction& transaction, std::string_view asset_id,
                                       findings::FindingType type, const FindingTally& tally);

// The single writes of the API, in place of the generic rows: "findings" is a view. key is made of
// what the finding says; lastSeen is foundOn where the document has none.
// insert: kInvalidArgument with where "id" if there is such a finding.
base::Result<Item> insert_finding(sql::Connection& connection, const NewItem& item);
base::Result<Item> replace_finding(sql::Connection& connection, const NewItem& item);  // kNotFound
// What was removed; nothing if there was none.
base::Result<std::optional<Item>> remove_finding(sql::Connection& connection, std::string_view id);

// Has to follow every write of an asset by which its life begins or ends: it is made or removed, or
// terminatedOn is set or cleared. findingImpacts count assets that live; findings of an asset that
// is not stored count for none, nor do suppressed ones.
base::Result<void> asset_life_changed(sql::Connection& connection, std::string_view asset_id,
                                      bool living);

// Makes every count anew from the findings: after an import, and for tests.
base::Result<void> recount_findings(sql::Connection& connection);

// How many findings of a type were valid at each of `times` (nanoseconds since 1970), exactly.
base::Result<std::vector<std::int64_t>> findings_at(sql::Connection& connection,
                                                    findings::FindingType type,
                                                    std::span<const std::int64_t> times);

}  // namespace vmsecurity::store
