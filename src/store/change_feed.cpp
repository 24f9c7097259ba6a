#include "store/change_feed.h"

#include <algorithm>
#include <array>
#include <optional>

#include "store/clock.h"

namespace vmsecurity::store {
namespace {

using base::ErrorCode;
using base::fail;
using sql::Dialect;
using sql::Value;

// change_feed has one row: `base`, added to PostgreSQL's transaction numbers, and `pruned_to`, the
// greatest id that no reader can get any more.

// The id before the first one of the running transaction.
constexpr std::string_view kBeforeFirstSqlite =
    "SELECT max(pruned_to, coalesce((SELECT max(id) FROM changes), 0)) FROM change_feed";
constexpr std::string_view kBeforeFirstPostgres =
    "SELECT base + (pg_current_xact_id()::text::bigint << 16) - 1 FROM change_feed";

// The first id that a running transaction may still write; the greatest id there is; pruned_to.
constexpr std::string_view kLimitsSqlite =
    "SELECT 9223372036854775807, max(pruned_to, coalesce((SELECT max(id) FROM changes), 0)), "
    "pruned_to FROM change_feed";
constexpr std::string_view kLimitsPostgres =
    "SELECT base + (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 16), "
    "greatest(pruned_to, coalesce((SELECT max(id) FROM changes), 0)), pruned_to FROM change_feed";
static_assert(kChangePositionBits == 16, "as in the SQL above");

struct Limits {
    std::int64_t horizon = 0;
    std::int64_t last = 0;
    std::int64_t pruned_to = 0;
};

base::Result<Limits> read_limits(sql::Connection& connection) {
    Limits limits;
    const bool sqlite = connection.dialect() == Dialect::kSqlite;
    VMSECURITY_TRY(
        connection.query(sqlite ? kLimitsSqlite : kLimitsPostgres, {}, [&](const sql::Row& row) {
            limits = {row.integer(0), row.integer(1), row.integer(2)};
            return false;
        }));
    return limits;
}

base::Result<std::int64_t> before_first(sql::Connection& connection) {
    std::int64_t id = 0;
    const bool sqlite = connection.dialect() == Dialect::kSqlite;
    VMSECURITY_TRY(connection.query(sqlite ? kBeforeFirstSqlite : kBeforeFirstPostgres, {},
                                    [&](const sql::Row& row) {
                                        id = row.integer(0);
                                        return false;
                                    }));
    return id;
}

}  // namespace

base::Result<Changes> read_changes(Store& store, std::int64_t since, std::size_t limit,
                                   Deadline deadline) {
    Changes answer;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        answer = {};
        VMSECURITY_ASSIGN(const Limits limits, read_limits(connection));
        const std::int64_t newest = std::min(limits.last, limits.horizon - 1);
        answer.next = since;
        answer.held_back = limits.last >= limits.horizon;
        if (since < 0 || since < limits.pruned_to || since > limits.last) {
            answer.resync = since >= 0;
            answer.next = newest;
            return {};
        }
        const std::array<Value, 3> parameters = {since, newest, static_cast<std::int64_t>(limit)};
        return connection.query(
            "SELECT id, collection, object_id, kind, family, revision, time FROM changes "
            "WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3",
            parameters, [&](const sql::Row& row) {
                answer.changes.push_back({.id = row.integer(0),
                                          .collection = std::string(row.text(1)),
                                          .object_id = std::string(row.text(2)),
                                          .kind = static_cast<ChangeKind>(row.integer(3)),
                                          .family = std::string(row.text(4)),
                                          .revision = row.integer(5),
                                          .time = row.integer(6)});
                answer.next = row.integer(0);
                return true;
            });
    };
    VMSECURITY_TRY(store.database().read(work, deadline));
    return answer;
}

base::Result<void> write_changes(sql::Connection& connection, std::span<const Change> changes) {
    if (changes.empty()) return {};
    if (changes.size() > kMaxChangesInTransaction) {
        return fail(ErrorCode::kLimitExceeded, "Too many changes in one transaction.");
    }
    static constexpr std::array<std::string_view, 7> kColumns = {
        "id", "collection", "object_id", "kind", "family", "revision", "time"};
    static constexpr std::array<std::string_view, 7> kTypes = {
        "bigint", "text", "text", "smallint", "text", "bigint", "bigint"};
    VMSECURITY_ASSIGN(std::int64_t id, before_first(connection));
    const std::int64_t now = now_nanoseconds();
    std::vector<std::vector<Value>> rows;
    rows.reserve(changes.size());
    for (const Change& change : changes) {
        rows.push_back({++id, change.collection, change.object_id,
                        static_cast<std::int64_t>(change.kind), change.family, change.revision,
                        now});
    }
    VMSECURITY_TRY(connection.insert_rows("changes", kColumns, kTypes, rows));
    return connection.notify(kChangesChannel, {});
}

base::Result<std::int64_t> prune_changes(sql::Connection& connection, std::int64_t time,
                                         std::int64_t limit) {
    VMSECURITY_ASSIGN(const Limits limits, read_limits(connection));
    std::optional<std::int64_t> last;
    const std::array<Value, 2> parameters = {limits.horizon, limit};
    VMSECURITY_TRY(
        connection.query("SELECT id, time FROM changes WHERE id < $1 ORDER BY id LIMIT $2",
                         parameters, [&](const sql::Row& row) {
                             if (row.integer(1) >= time) return false;
                             last = row.integer(0);
                             return true;
                         }));
    if (!last) return 0;
    const std::array<Value, 1> up_to = {*last};
    VMSECURITY_TRY(
        connection.execute("UPDATE change_feed SET pruned_to = $1 WHERE pruned_to < $1", up_to));
    VMSECURITY_ASSIGN(const std::uint64_t count,
                      connection.execute("DELETE FROM changes WHERE id <= $1", up_to));
    return static_cast<std::int64_t>(count);
}

base::Result<std::int64_t> last_change(sql::Connection& connection) {
    VMSECURITY_ASSIGN(const Limits limits, read_limits(connection));
    return limits.last;
}

base::Result<void> advance_change_feed(sql::Connection& connection, std::int64_t id) {
    VMSECURITY_ASSIGN(const Limits limits, read_limits(connection));
    const std::int64_t least = std::max(id, limits.last);
    VMSECURITY_ASSIGN(const std::int64_t next, before_first(connection));
    const std::array<Value, 2> parameters = {least, std::max<std::int64_t>(least - next, 0)};
    VMSECURITY_TRY(
        connection.execute("UPDATE change_feed SET pruned_to = $1, base = base + $2", parameters));
    const std::array<Value, 1> up_to = {least};
    VMSECURITY_TRY(connection.execute("DELETE FROM changes WHERE id <= $1", up_to));
    return {};
}

base::Result<void> repair_change_feed(sql::Connection& connection) {
    VMSECURITY_ASSIGN(const Limits limits, read_limits(connection));
    VMSECURITY_ASSIGN(const std::int64_t next, before_first(connection));
    if (next >= limits.last) return {};
    return advance_change_feed(connection, limits.last);
}

}  // namespace vmsecurity::store
