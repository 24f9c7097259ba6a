#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::store {

// One change of one object: an event per asset scan and family, never per finding.
struct Change {
    std::int64_t id =
        0;  // rises; gaps are possible, events that come later with a lower id are not
    std::string collection;
    std::string object_id;
    ChangeKind kind = ChangeKind::kUpdated;
    std::string family;  // of reconciled findings; else empty
    std::int64_t revision = 0;
    std::int64_t time = 0;  // nanoseconds since 1970
};

struct Changes {
    std::vector<Change> changes;
    std::int64_t next = 0;  // where to go on
    // The id asked for is older than what is kept: the reader has to read everything anew.
    bool resync = false;
    // There are committed changes behind a transaction that is still running. Its end need not wake
    // the channel (it may have changed nothing), so ask again within a second.
    bool held_back = false;
};

// Changes after `since`, at most `limit`. Stops before the first change that a transaction still
// running may add to, so that no reader ever misses one. `since` -1: none, only where to begin.
// `since` from the future (another database's): resync.
//
// An id holds the number of its transaction above kChangePositionBits bits of position, so that the
// order of ids is the order of transactions, and those up to the oldest running one are complete.
// SQLite has one writer, and counts. Ids stay below 2^53 for 1.3e11 transactions.
base::Result<Changes> read_changes(Store& store, std::int64_t since, std::size_t limit,
                                   Deadline deadline);

// The channel that sql::Database::listen wakes on.
inline constexpr std::string_view kChangesChannel = "vmsecurity_changes";

inline constexpr int kChangePositionBits = 16;
inline constexpr std::size_t kMaxChangesInTransaction = std::size_t{1} << kChangePositionBits;

// Writes the changes of one transaction and notifies the channel. Changes' ids and times are not
// read. Once a transaction, at its end.
base::Result<void> write_changes(sql::Connection& connection, std::span<const Change> changes);

// Deletes up to `limit` changes older than `time` (nanoseconds since 1970), oldest first; readers
// that have not seen them get `resync`. The answer is how many were deleted.
base::Result<std::int64_t> prune_changes(sql::Connection& connection, std::int64_t time,
                                         std::int64_t limit);

// The greatest id that was ever given and committed.
base::Result<std::int64_t> last_change(sql::Connection& connection);

// Makes all ids to come greater than `id` and than all that are there: after an import, and when a
// PostgreSQL cluster was restored whose transaction numbers start anew. Readers with older ids get
// `resync`.
base::Result<void> advance_change_feed(sql::Connection& connection, std::int64_t id);
base::Result<void> repair_change_feed(sql::Connection& connection);

}  // namespace vmsecurity::store
