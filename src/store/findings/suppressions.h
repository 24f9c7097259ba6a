#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "odata/bound.h"
#include "sql/connection.h"

// Which findings people decided not to count: findings.suppressedBy names the suppression. Where
// several match, one that names the finding by its key goes first, then the oldest.
namespace vmsecurity::store {

// One that holds, with what it is about.
struct Suppression {
    std::string id;
    std::optional<odata::BoundQuery> filter;  // or
    std::string finding_key;                  // this finding
    std::string asset_id;                     // of this asset; empty: of any
};

// Nothing: it matches no finding (its filter is no longer understood).
std::optional<Suppression> read_suppression(std::string_view id, std::string_view document,
                                            std::int64_t now);

// Those that hold at a time, in the transaction of a connection. Until it ends, no other one makes
// or changes suppressions.
class Suppressions {
  public:
    static base::Result<Suppressions> load(sql::Connection& connection, std::int64_t now);

    bool empty() const { return filters_.empty() && !has_keys_; }
    // Says of those of `rows` (of finding_rows) that are not suppressed what suppresses them.
    base::Result<void> mark(sql::Connection& connection, std::span<const std::int64_t> rows) const;
    // Of all of them, anew.
    base::Result<void> reassess(sql::Connection& connection,
                                std::span<const std::int64_t> rows) const;

  private:
    base::Result<void> mark_by_key(sql::Connection& connection,
                                   std::span<const std::int64_t> rows) const;

    std::vector<Suppression> filters_;  // oldest first
    bool has_keys_ = false;
    std::int64_t now_ = 0;
};

// The rows that a suppression is about, whatever suppresses them now; of `rows`, or of all.
base::Result<std::vector<std::int64_t>> matching_rows(
    sql::Connection& connection, const Suppression& suppression,
    std::optional<std::span<const std::int64_t>> rows, bool not_suppressed);

// Of rows that are not suppressed.
base::Result<void> suppress_rows(sql::Connection& connection, std::string_view suppression,
                                 std::span<const std::int64_t> rows);

// Findings are not written by those that hold this lock `exclusive`, and the other way round.
base::Result<void> lock_suppressions(sql::Connection& connection, bool exclusive);

}  // namespace vmsecurity::store
