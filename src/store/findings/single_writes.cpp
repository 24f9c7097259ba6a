#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "sql/query.h"
#include "store/clock.h"
#include "store/findings/finding_counts.h"
#include "store/findings/finding_row.h"
#include "store/findings/finding_writer.h"
#include "store/findings/suppressions.h"

// One finding at a time, as the API's clients write them.
namespace vmsecurity::store {
namespace {

using base::ErrorCode;
using base::fail;

base::Result<std::optional<Item>> find_finding(sql::Connection& connection, std::string_view id) {
    Item item;
    VMSECURITY_ASSIGN(
        const bool found,
        sql::query_one(connection, "SELECT id, revision, document FROM findings WHERE id = $1",
                       sql::bind(id), [&](const sql::Row& row) {
                           item = {std::string(row.text(0)), row.integer(1),
                                   std::string(row.text(2))};
                       }));
    if (!found) return std::nullopt;
    return item;
}

struct StoredFinding {
    std::int64_t row_id = 0;
    CountedFinding counted;
    std::string sample;
    std::int64_t observations = 0;  // that its revision follows; 0 if it follows none
    std::optional<std::int64_t> shown_last_seen;
    bool follows = false;
};

base::Result<std::optional<StoredFinding>> load(sql::Connection& connection, std::string_view id) {
    constexpr std::string_view kText =
        "SELECT f.row_id, f.object_type, f.asset_id, coalesce(f.severity, -1), f.impact, "
        "f.found_on, f.invalidated_on, f.last_seen, v.last_seen, v.revision - f.revision "
        "FROM finding_rows AS f JOIN findings AS v ON v.row_id = f.row_id WHERE f.id = $1";
    StoredFinding stored;
    VMSECURITY_ASSIGN(
        const bool found,
        sql::query_one(connection, kText, sql::bind(id), [&](const sql::Row& row) {
            stored.row_id = row.integer(0);
            if (const auto type = findings::parse_finding_type(row.text(1))) {
                stored.counted.type = *type;
            }
            stored.counted.asset_id = row.text(2);
            stored.counted.severity = row.integer(3);
            stored.counted.impact = row.integer(4);
            stored.counted.found_on = sql::column<std::optional<std::int64_t>>(row, 5);
            stored.counted.invalidated_on = sql::column<std::optional<std::int64_t>>(row, 6);
            stored.follows = row.is_null(7) && !row.is_null(8);
            stored.shown_last_seen = sql::column<std::optional<std::int64_t>>(row, 8);
            stored.observations = row.integer(9);
        }));
    if (!found) return std::nullopt;
    return stored;
}

// The groups whose assets a write may change, and how many findings each counts before it.
class ImpactChange {
  public:
    static base::Result<ImpactChange> before(sql::Connection& connection,
                                             std::span<const CountedFinding* const> findings) {
        ImpactChange change;
        for (const CountedFinding* finding : findings) {
            const auto group = impact_group(*finding);
            if (!group) continue;
            VMSECURITY_ASSIGN(const bool living, is_living(connection, finding->asset_id));
            if (!living) continue;
            const Place place{finding->asset_id, *group};
            if (change.sizes_.contains(place)) continue;
            VMSECURITY_ASSIGN(change.sizes_[place],
                              group_size(connection, place.first, place.second));
        }
        return change;
    }

    base::Result<void> after(sql::Connection& connection, std::string_view sample,
                             CountChanges& changes) const {
        for (const auto& [place, size] : sizes_) {
            VMSECURITY_ASSIGN(const std::int64_t now,
                              group_size(connection, place.first, place.second));
            const std::int64_t difference = (now > 0 ? 1 : 0) - (size > 0 ? 1 : 0);
            if (difference != 0) changes.add_impact(place.second, difference, sample);
        }
        return {};
    }

  private:
    using Place = std::pair<std::string, ImpactGroup>;
    std::map<Place, std::int64_t> sizes_;
};

// The finding, and nobody else writes findings of its asset or of `other_asset`.
base::Result<std::optional<StoredFinding>> load_locked(sql::Connection& connection,
                                                       std::string_view id,
                                                       const std::string& other_asset) {
    VMSECURITY_ASSIGN(const auto seen, load(connection, id));
    if (!seen) return std::nullopt;
    const auto [first, second] = std::minmax(seen->counted.asset_id, other_asset);
    VMSECURITY_TRY(lock_findings_of(connection, first));
    if (first != second) VMSECURITY_TRY(lock_findings_of(connection, second));
    // As it is now that the locks are held.
    return load(connection, id);
}

base::Result<void> suppress(sql::Connection& connection, std::string_view id) {
    VMSECURITY_ASSIGN(
        const auto rows,
        sql::query_column<std::int64_t>(connection, "SELECT row_id FROM finding_rows WHERE id = $1",
                                        sql::bind(id)));
    VMSECURITY_ASSIGN(const auto suppressions, Suppressions::load(connection, now_nanoseconds()));
    return suppressions.reassess(connection, rows);
}

base::Result<Item> written(sql::Connection& connection, std::string_view id) {
    VMSECURITY_ASSIGN(auto item, find_finding(connection, id));
    if (!item) return fail(ErrorCode::kInternal, "a finding is gone that was just written");
    return std::move(*item);
}

}  // namespace

base::Result<Item> insert_finding(sql::Connection& connection, const NewItem& item) {
    FindingRow row = document_row(item.id, item.revision, item.document, false);
    VMSECURITY_TRY(lock_findings_of(connection, row.counted.asset_id));
    VMSECURITY_ASSIGN(const auto there, find_finding(connection, item.id));
    if (there) {
        return fail(ErrorCode::kInvalidArgument, "An object with this id is there already.", "id");
    }
    const std::array<const CountedFinding*, 1> counted = {&row.counted};
    VMSECURITY_ASSIGN(const auto impact, ImpactChange::before(connection, counted));
    CountChanges changes;
    changes.add(row.counted);
    const std::string sample = std::move(row.sample);
    FindingWriter writer(connection);
    VMSECURITY_TRY(writer.insert(std::move(row)));
    VMSECURITY_TRY(writer.flush());
    VMSECURITY_TRY(suppress(connection, item.id));
    VMSECURITY_TRY(impact.after(connection, sample, changes));
    VMSECURITY_TRY(changes.write(connection));
    return written(connection, item.id);
}

base::Result<Item> replace_finding(sql::Connection& connection, const NewItem& item) {
    FindingRow row = document_row(item.id, item.revision, item.document, false);
    VMSECURITY_ASSIGN(const auto before, load_locked(connection, item.id, row.counted.asset_id));
    if (!before) return fail(ErrorCode::kNotFound, "There is no finding " + item.id + '.');

    // One that follows the observations goes on to, unless the write says otherwise.
    sql::Value& last_seen = row.values[finding_column("last_seen")];
    const auto* said = std::get_if<std::int64_t>(&last_seen);
    if (before->follows && said != nullptr && before->shown_last_seen == *said &&
        !row.counted.invalidated_on && before->counted.asset_id == row.counted.asset_id &&
        before->counted.type == row.counted.type) {
        last_seen = {};
        row.values[finding_column("revision")] = item.revision - before->observations;
    }

    const std::array<const CountedFinding*, 2> counted = {&before->counted, &row.counted};
    VMSECURITY_ASSIGN(const auto impact, ImpactChange::before(connection, counted));
    CountChanges changes;
    changes.remove(before->counted);
    changes.add(row.counted);
    const std::string sample = std::move(row.sample);
    FindingWriter writer(connection);
    VMSECURITY_TRY(writer.replace(before->row_id, std::move(row)));
    VMSECURITY_TRY(writer.flush());
    VMSECURITY_TRY(suppress(connection, item.id));
    VMSECURITY_TRY(impact.after(connection, sample, changes));
    VMSECURITY_TRY(changes.write(connection));
    return written(connection, item.id);
}

base::Result<std::optional<Item>> remove_finding(sql::Connection& connection, std::string_view id) {
    VMSECURITY_ASSIGN(const auto before, load_locked(connection, id, {}));
    if (!before) return std::nullopt;
    VMSECURITY_ASSIGN(auto item, find_finding(connection, id));
    const std::array<const CountedFinding*, 1> counted = {&before->counted};
    VMSECURITY_ASSIGN(const auto impact, ImpactChange::before(connection, counted));
    CountChanges changes;
    changes.remove(before->counted);
    VMSECURITY_TRY(connection.execute("DELETE FROM finding_rows WHERE row_id = $1",
                                      sql::bind(before->row_id)));
    VMSECURITY_TRY(impact.after(connection, {}, changes));
    VMSECURITY_TRY(changes.write(connection));
    return item;
}

}  // namespace vmsecurity::store
