#include "store/settle_suppressions.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sql/query.h"
#include "store/clock.h"
#include "store/findings/suppressed_counts.h"
#include "store/findings/suppressions.h"

namespace vmsecurity::store {
namespace {

// Each finding may be of another asset, of which everything is counted anew.
constexpr std::size_t kChunk = 250;

// A suppression as it stands; removed or expired ones suppress nothing.
struct Target {
    std::string id;
    std::int64_t revision = 0;  // 0: removed
    std::optional<Suppression> suppression;
};

base::Result<std::vector<std::string>> unsettled(sql::Connection& connection) {
    return sql::query_column<std::string>(
        connection,
        "SELECT a.suppression_id FROM suppression_states AS a "
        "LEFT JOIN suppressions AS s ON s.id = a.suppression_id "
        "WHERE s.id IS NULL OR s.revision <> a.revision OR (a.active AND s.expires_on <= $1)",
        sql::bind(now_nanoseconds()));
}

base::Result<Target> read_target(sql::Connection& connection, const std::string& id) {
    Target target{.id = id, .revision = 0, .suppression = std::nullopt};
    const std::int64_t now = now_nanoseconds();
    VMSECURITY_TRY(
        connection.query("SELECT revision, document, expires_on FROM suppressions WHERE id = $1",
                         sql::bind(id), [&](const sql::Row& row) {
                             target.revision = row.integer(0);
                             if (row.is_null(2) || row.integer(2) > now) {
                                 target.suppression = read_suppression(id, row.text(1), now);
                             }
                             return false;
                         }));
    return target;
}

class Settler {
  public:
    Settler(Store& store, Deadline deadline) : store_(store), deadline_(deadline) {}

    base::Result<void> settle(const std::string& id) {
        Target target;
        VMSECURITY_TRY(read([&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(target, read_target(connection, id));
            return {};
        }));
        VMSECURITY_TRY(release(target));
        if (target.suppression) VMSECURITY_TRY(suppress(target));
        return write([&](Transaction& transaction) { return finish(transaction, target); });
    }

  private:
    base::Result<void> read(const sql::Database::Work& work) {
        return store_.database().read(work, deadline_);
    }
    base::Result<void> write(const std::function<base::Result<void>(Transaction&)>& work) {
        if (std::chrono::steady_clock::now() > deadline_) {
            return base::fail(base::ErrorCode::kCancelled,
                              "Suppressing findings took longer than it may; it goes on later.");
        }
        return store_.write_large(work, deadline_);
    }

    // What it suppresses and no longer matches.
    base::Result<void> release(const Target& target) {
        std::int64_t last = 0;
        for (bool more = true; more;) {
            VMSECURITY_TRY(write([&](Transaction& transaction) -> base::Result<void> {
                return release_chunk(transaction, target, last, more);
            }));
        }
        return {};
    }

    static base::Result<void> release_chunk(Transaction& transaction, const Target& target,
                                            std::int64_t& last, bool& more) {
        sql::Connection& connection = transaction.connection();
        VMSECURITY_ASSIGN(
            const std::vector<std::int64_t> chunk,
            sql::query_column<std::int64_t>(
                connection,
                "SELECT row_id FROM finding_rows WHERE suppressed_by = $1 AND row_id > $2 "
                "ORDER BY row_id LIMIT $3",
                sql::bind(target.id, last, kChunk)));
        more = chunk.size() == kChunk;
        if (chunk.empty()) return {};
        VMSECURITY_ASSIGN(const auto counts, SuppressedCounts::before(connection, chunk));
        VMSECURITY_ASSIGN(const auto suppressions,
                          Suppressions::load(connection, now_nanoseconds()));
        std::vector<std::int64_t> rows = counts.rows_suppressed_by(target.id);
        if (target.suppression) {
            VMSECURITY_ASSIGN(auto kept,
                              matching_rows(connection, *target.suppression, rows, false));
            std::ranges::sort(kept);
            std::erase_if(rows,
                          [&](std::int64_t row) { return std::ranges::binary_search(kept, row); });
        }
        VMSECURITY_TRY(suppressions.reassess(connection, rows));
        last = chunk.back();
        return counts.after(transaction);
    }

    base::Result<void> suppress(const Target& target) {
        std::vector<std::int64_t> rows;
        VMSECURITY_TRY(read([&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(rows,
                              matching_rows(connection, *target.suppression, std::nullopt, true));
            return {};
        }));
        for (std::size_t start = 0; start < rows.size(); start += kChunk) {
            const auto chunk =
                std::span(rows).subspan(start, std::min(kChunk, rows.size() - start));
            bool stands = false;
            VMSECURITY_TRY(write([&](Transaction& transaction) -> base::Result<void> {
                return suppress_chunk(transaction, target, chunk, stands);
            }));
            if (!stands) break;  // it is settled anew
        }
        return {};
    }

    static base::Result<void> suppress_chunk(Transaction& transaction, const Target& target,
                                             std::span<const std::int64_t> chunk, bool& stands) {
        sql::Connection& connection = transaction.connection();
        VMSECURITY_ASSIGN(const auto counts, SuppressedCounts::before(connection, chunk));
        VMSECURITY_TRY(lock_suppressions(connection, false));
        VMSECURITY_ASSIGN(const Target now, read_target(connection, target.id));
        stands = now.revision == target.revision && now.suppression.has_value();
        if (!stands) return {};
        // They may say something else by now.
        VMSECURITY_ASSIGN(const auto rows, matching_rows(connection, *target.suppression,
                                                         counts.rows_suppressed_by({}), true));
        VMSECURITY_TRY(suppress_rows(connection, target.id, rows));
        return counts.after(transaction);
    }

    static base::Result<void> finish(Transaction& transaction, const Target& target) {
        sql::Connection& connection = transaction.connection();
        if (target.revision == 0) {
            VMSECURITY_TRY(connection.execute(
                "DELETE FROM suppression_states WHERE suppression_id = $1", sql::bind(target.id)));
            return {};
        }
        VMSECURITY_TRY(connection.execute(
            "UPDATE suppression_states SET revision = $2, active = $3 WHERE suppression_id = $1",
            sql::bind(target.id, target.revision, target.suppression.has_value())));
        return {};
    }

    Store& store_;
    Deadline deadline_;
};

}  // namespace

base::Result<void> settle_suppressions(Store& store, Deadline deadline) {
    std::vector<std::string> ids;
    VMSECURITY_TRY(store.database().read(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(ids, unsettled(connection));
            return {};
        },
        deadline));
    Settler settler(store, deadline);
    for (const std::string& id : ids) VMSECURITY_TRY(settler.settle(id));
    return {};
}

}  // namespace vmsecurity::store
