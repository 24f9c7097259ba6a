#include "store/retention.h"

#include <string>
#include <vector>

#include "model/api/tables.h"
#include "sql/query.h"
#include "store/change_feed.h"
#include "store/separate.h"

namespace vmsecurity::store {
namespace {

using model::schema::Collection;

constexpr std::int64_t kChunk = 200;

// Deletes one chunk and answers how many rows that was; 0: nothing is left to delete.
using DeleteChunk = std::function<base::Result<std::int64_t>(Transaction&)>;

base::Result<std::int64_t> repeat(Store& store, Deadline deadline,
                                  const DeleteChunk& delete_chunk) {
    std::int64_t total = 0;
    for (;;) {
        if (std::chrono::steady_clock::now() > deadline) {
            return base::fail(
                base::ErrorCode::kCancelled,
                "Deleting what is over took longer than it may; the next run goes on.");
        }
        std::int64_t count = 0;
        VMSECURITY_TRY(store.write(
            [&](Transaction& transaction) -> base::Result<void> {
                VMSECURITY_ASSIGN(count, delete_chunk(transaction));
                return {};
            },
            deadline));
        if (count == 0) return total;
        total += count;
    }
}

// `text` selects ids of the collection: $1 is the time, $2 how many. History that nobody watches
// goes without a change for each row.
DeleteChunk objects(const Collection& collection, std::string_view text, std::int64_t before,
                    bool recorded = true) {
    return [=, &collection](Transaction& transaction) -> base::Result<std::int64_t> {
        VMSECURITY_ASSIGN(const auto ids,
                          sql::query_column<std::string>(transaction.connection(), text,
                                                         sql::bind(before, kChunk)));
        std::int64_t count = 0;
        for (const std::string& id : ids) {
            VMSECURITY_ASSIGN(const bool removed,
                              recorded ? transaction.remove(collection, id)
                                       : transaction.remove_unrecorded(collection, id));
            if (removed) ++count;
        }
        return count;
    };
}

base::Result<std::int64_t> delete_results(Transaction& transaction, std::int64_t before) {
    VMSECURITY_ASSIGN(const std::uint64_t count,
                      transaction.connection().execute(
                          "DELETE FROM asset_scan_results WHERE asset_scan_id IN (SELECT s.id FROM "
                          "asset_scans AS s WHERE s.end_time < $1 AND EXISTS (SELECT 1 FROM "
                          "asset_scan_results AS r WHERE r.asset_scan_id = s.id) LIMIT $2)",
                          sql::bind(before, std::int64_t{20})));
    return static_cast<std::int64_t>(count);
}

}  // namespace

base::Result<RetentionResult> apply_retention(Store& store, const RetentionRules& rules,
                                              std::int64_t now, Deadline deadline) {
    const auto before = [now](std::chrono::seconds age) {
        return now - std::chrono::nanoseconds(age).count();
    };
    RetentionResult result;
    if (rules.finished_scans) {
        const std::int64_t time = before(*rules.finished_scans);
        // Asset scans first: those of a scan that is gone would never be found again.
        VMSECURITY_ASSIGN(
            result.asset_scans,
            repeat(store, deadline,
                   objects(model::api::kAssetScansCollection,
                           "SELECT a.id FROM asset_scans AS a JOIN scans AS s ON s.id = a.scan_id "
                           "WHERE s.end_time < $1 LIMIT $2",
                           time)));
        VMSECURITY_ASSIGN(const std::int64_t alone,
                          repeat(store, deadline,
                                 objects(model::api::kAssetScansCollection,
                                         "SELECT id FROM asset_scans WHERE scan_id IS NULL "
                                         "AND end_time < $1 LIMIT $2",
                                         time)));
        result.asset_scans += alone;
        VMSECURITY_ASSIGN(
            result.scans,
            repeat(store, deadline,
                   objects(model::api::kScansCollection,
                           "SELECT id FROM scans WHERE end_time < $1 LIMIT $2", time)));
    }
    if (rules.asset_scan_results) {
        const std::int64_t time = before(*rules.asset_scan_results);
        VMSECURITY_ASSIGN(result.asset_scan_results,
                          repeat(store, deadline, [time](Transaction& transaction) {
                              return delete_results(transaction, time);
                          }));
    }
    if (rules.invalidated_findings) {
        VMSECURITY_ASSIGN(
            result.findings,
            repeat(store, deadline,
                   objects(model::api::kFindingsCollection,
                           "SELECT id FROM findings WHERE invalidated_on < $1 LIMIT $2",
                           before(*rules.invalidated_findings), false)));
    }
    if (rules.audit_events) {
        VMSECURITY_ASSIGN(result.audit_events,
                          repeat(store, deadline,
                                 objects(model::api::kAuditEventsCollection,
                                         "SELECT id FROM audit_events WHERE time < $1 LIMIT $2",
                                         before(*rules.audit_events), false)));
    }
    if (rules.changes) {
        const std::int64_t time = before(*rules.changes);
        VMSECURITY_ASSIGN(result.changes, repeat(store, deadline, [time](Transaction& transaction) {
                              return prune_changes(transaction.connection(), time, 5000);
                          }));
    }
    return result;
}

}  // namespace vmsecurity::store
