#include "store/leases.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "base/identifiers.h"

namespace vmsecurity::store {
namespace {

using base::ErrorCode;
using base::fail;
using sql::Dialect;
using sql::Value;

// Nanoseconds since 1970 by the database's clock, so that the clocks of those who compete for a
// lease do not matter. The same wherever it stands in one statement.
std::string_view clock_of(Dialect dialect) {
    return dialect == Dialect::kSqlite
               ? "(CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000000)"
               : "((extract(epoch FROM statement_timestamp()) * 1000000)::bigint * 1000)";
}

void replace_all(std::string& text, std::string_view name, std::string_view value) {
    for (std::size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size())) {
        text.replace(at, name.size(), value);
    }
}

std::string spelled_out(Dialect dialect, std::string_view template_text) {
    std::string text(template_text);
    replace_all(text, "@now", clock_of(dialect));
    replace_all(text, "@columns", "name, holder, fencing, acquired_on, expires_on, time_to_live");
    return text;
}

// `text` with @columns answers at most one lease.
base::Result<std::optional<Lease>> query_lease(sql::Connection& connection, std::string_view text,
                                               std::span<const Value> parameters) {
    std::optional<Lease> lease;
    VMSECURITY_TRY(connection.query(
        spelled_out(connection.dialect(), text), parameters, [&](const sql::Row& row) {
            lease = Lease{.name = std::string(row.text(0)),
                          .holder = std::string(row.text(1)),
                          .fencing = row.integer(2),
                          .acquired_on = row.integer(3),
                          .expires_on = row.integer(4),
                          .time_to_live = std::chrono::seconds(row.integer(5))};
            return false;
        }));
    return lease;
}

std::string format_nanoseconds(std::int64_t time) {
    return base::format_time(std::chrono::system_clock::time_point(
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::nanoseconds(time))));
}

// A new holder, and one whose lease had expired, gets a new number.
constexpr std::string_view kAcquire =
    "INSERT INTO leases (name, holder, fencing, acquired_on, expires_on, time_to_live) "
    "VALUES ($1, $2, 1, @now, @now + $3 * 1000000000, $3) ON CONFLICT (name) DO UPDATE SET "
    "fencing = CASE WHEN leases.holder = excluded.holder AND leases.expires_on > @now "
    "THEN leases.fencing ELSE leases.fencing + 1 END, "
    "acquired_on = CASE WHEN leases.holder = excluded.holder AND leases.expires_on > @now "
    "THEN leases.acquired_on ELSE excluded.acquired_on END, "
    "holder = excluded.holder, expires_on = excluded.expires_on, "
    "time_to_live = excluded.time_to_live "
    "WHERE leases.holder = excluded.holder OR leases.expires_on <= @now RETURNING @columns";

constexpr std::string_view kRenew =
    "UPDATE leases SET expires_on = @now + $3 * 1000000000, time_to_live = $3 "
    "WHERE name = $1 AND holder = $2 AND fencing = $4 AND expires_on > @now RETURNING @columns";

}  // namespace

base::Result<Lease> acquire_lease(Store& store, const std::string& name, const std::string& holder,
                                  std::chrono::seconds time_to_live, Deadline deadline,
                                  std::optional<std::int64_t> fencing) {
    std::optional<Lease> lease;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        std::vector<Value> parameters = {name, holder,
                                         static_cast<std::int64_t>(time_to_live.count())};
        if (fencing) parameters.emplace_back(*fencing);
        VMSECURITY_ASSIGN(lease, query_lease(connection, fencing ? kRenew : kAcquire, parameters));
        if (lease) return {};
        VMSECURITY_ASSIGN(
            lease, query_lease(connection,
                               "SELECT @columns FROM leases WHERE name = $1 AND holder <> $2 "
                               "AND expires_on > @now",
                               std::span(parameters).first(2)));
        if (!lease) {
            return fail(ErrorCode::kUnavailable,
                        fmt::format("The lease {} is not held under number {} any more.", name,
                                    fencing.value_or(0)));
        }
        return fail(ErrorCode::kUnavailable,
                    fmt::format("{} has the lease {} until {}.", lease->holder, name,
                                format_nanoseconds(lease->expires_on)));
    };
    VMSECURITY_TRY(store.database().write(work, deadline));
    return *std::move(lease);
}

base::Result<void> release_lease(Store& store, const std::string& name, const std::string& holder,
                                 Deadline deadline) {
    // The row stays, so that the number never falls.
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        const std::array<Value, 2> parameters = {name, holder};
        VMSECURITY_TRY(connection.execute(
            "UPDATE leases SET holder = '', expires_on = 0 WHERE name = $1 AND holder = $2",
            parameters));
        return {};
    };
    return store.database().write(work, deadline);
}

base::Result<Lease> get_lease(Store& store, const std::string& name, Deadline deadline) {
    std::optional<Lease> lease;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        const std::array<Value, 1> parameters = {name};
        VMSECURITY_ASSIGN(
            lease, query_lease(connection,
                               "SELECT @columns FROM leases WHERE name = $1 AND expires_on > @now",
                               parameters));
        return {};
    };
    VMSECURITY_TRY(store.database().read(work, deadline));
    if (!lease) return fail(ErrorCode::kNotFound, fmt::format("Nobody has the lease {}.", name));
    return *std::move(lease);
}

base::Result<void> check_fencing(Transaction& transaction, const std::string& name,
                                 std::int64_t fencing) {
    sql::Connection& connection = transaction.connection();
    // Locked, so that nobody takes the lease between this look and the commit.
    std::string text = "SELECT @columns FROM leases WHERE name = $1 AND expires_on > @now";
    if (connection.dialect() == Dialect::kPostgres) text += " FOR SHARE";
    const std::array<Value, 1> parameters = {name};
    VMSECURITY_ASSIGN(const std::optional<Lease> lease, query_lease(connection, text, parameters));
    if (lease && lease->fencing == fencing) return {};
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("The lease {} is not held under number {} any more: another may lead.",
                            name, fencing));
}

}  // namespace vmsecurity::store
