#include "store/findings/suppressions.h"

#include <fmt/format.h>

#include <map>

#include "base/log.h"
#include "codec/json.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/sql/expressions.h"
#include "sql/query.h"
#include "store/findings/query_rules.h"
#include "store/findings/row_list.h"

namespace vmsecurity::store {
namespace {

// The last member of a finding's text; ids of suppressions are UUIDs, which need no escapes.
constexpr std::string_view kMember = R"(,"suppressedBy":{"id":")";
constexpr std::string_view kMemberEnd = R"("}})";

base::Result<void> release_rows(sql::Connection& connection, std::span<const std::int64_t> rows) {
    const std::string text = fmt::format(
        "UPDATE finding_rows SET "
        "tail = substr(tail, 1, length(tail) - length(suppressed_by) - {}) || '}}', "
        "suppressed_by = NULL WHERE suppressed_by IS NOT NULL AND {}",
        kMember.size() + kMemberEnd.size(), in_row_list(connection.dialect(), "$1"));
    VMSECURITY_TRY(connection.execute(text, sql::bind(row_list(rows))));
    return {};
}

}  // namespace

std::optional<Suppression> read_suppression(std::string_view id, std::string_view document,
                                            std::int64_t now) {
    const auto value = codec::parse_json(document);
    if (!value || !value->is_object()) return std::nullopt;
    const boost::json::object& object = value->get_object();
    Suppression suppression{.id = std::string(id),
                            .filter = std::nullopt,
                            .finding_key = std::string(codec::text_member(object, "findingKey")),
                            .asset_id = {}};
    if (const auto* asset = codec::object_member(object, "asset")) {
        suppression.asset_id = codec::text_member(*asset, "id");
    }
    if (!suppression.finding_key.empty()) return suppression;
    odata::QueryText text;
    text.filter = codec::text_member(object, "filter");
    auto query = odata::read_query(model::api::kFindingsCollection, text, {.now = {now}});
    if (!query || !query->options.filter) {
        base::log::warning("suppression {} matches nothing: its filter is not understood", id);
        return std::nullopt;
    }
    suppression.filter = std::move(*query);
    return suppression;
}

base::Result<void> lock_suppressions(sql::Connection& connection, bool exclusive) {
    if (connection.dialect() != sql::Dialect::kPostgres) return {};  // one writer
    constexpr std::string_view kShared = "SELECT pg_advisory_xact_lock_shared(7215)";
    constexpr std::string_view kExclusive = "SELECT pg_advisory_xact_lock(7215)";
    return connection.query(exclusive ? kExclusive : kShared, {},
                            [](const sql::Row&) { return true; });
}

base::Result<Suppressions> Suppressions::load(sql::Connection& connection, std::int64_t now) {
    VMSECURITY_TRY(lock_suppressions(connection, false));
    Suppressions suppressions;
    suppressions.now_ = now;
    VMSECURITY_TRY(
        connection.query("SELECT id, document FROM suppressions WHERE finding_key IS NULL "
                         "AND (expires_on IS NULL OR expires_on > $1) ORDER BY row_id",
                         sql::bind(now), [&](const sql::Row& row) {
                             auto one = read_suppression(row.text(0), row.text(1), now);
                             if (one) suppressions.filters_.push_back(std::move(*one));
                             return true;
                         }));
    VMSECURITY_ASSIGN(
        suppressions.has_keys_,
        sql::query_one(connection,
                       "SELECT 1 FROM suppressions WHERE finding_key IS NOT NULL LIMIT 1", {},
                       [](const sql::Row&) {}));
    return suppressions;
}

base::Result<void> Suppressions::mark(sql::Connection& connection,
                                      std::span<const std::int64_t> rows) const {
    if (rows.empty() || empty()) return {};
    if (has_keys_) VMSECURITY_TRY(mark_by_key(connection, rows));
    for (const Suppression& one : filters_) {
        VMSECURITY_ASSIGN(const auto matching, matching_rows(connection, one, rows, true));
        VMSECURITY_TRY(suppress_rows(connection, one.id, matching));
    }
    return {};
}

base::Result<void> Suppressions::reassess(sql::Connection& connection,
                                          std::span<const std::int64_t> rows) const {
    if (rows.empty()) return {};
    VMSECURITY_TRY(release_rows(connection, rows));
    return mark(connection, rows);
}

base::Result<void> Suppressions::mark_by_key(sql::Connection& connection,
                                             std::span<const std::int64_t> rows) const {
    std::map<std::int64_t, std::string> first;  // the oldest, which comes last
    VMSECURITY_TRY(
        connection.query(fmt::format("SELECT f.row_id, s.id FROM finding_rows AS f "
                                     "JOIN suppressions AS s ON s.finding_key = f.key "
                                     "AND (s.asset_id IS NULL OR s.asset_id = f.asset_id) "
                                     "AND (s.expires_on IS NULL OR s.expires_on > $2) "
                                     "WHERE f.suppressed_by IS NULL AND {} ORDER BY s.row_id DESC",
                                     in_row_list(connection.dialect(), "$1", "f.row_id")),
                         sql::bind(row_list(rows), now_), [&](const sql::Row& row) {
                             first.insert_or_assign(row.integer(0), std::string(row.text(1)));
                             return true;
                         }));
    std::map<std::string, std::vector<std::int64_t>> by_suppression;
    for (const auto& [row, id] : first) by_suppression[id].push_back(row);
    for (const auto& [id, list] : by_suppression) {
        VMSECURITY_TRY(suppress_rows(connection, id, list));
    }
    return {};
}

base::Result<std::vector<std::int64_t>> matching_rows(
    sql::Connection& connection, const Suppression& suppression,
    std::optional<std::span<const std::int64_t>> rows, bool not_suppressed) {
    namespace writer = odata::sql;
    writer::Parameters parameters(connection.dialect());
    const writer::Rules rules = finding_rules();
    std::string text = "SELECT t.row_id FROM findings AS t WHERE ";
    if (rows) {
        const auto list = parameters.add(sql::Value(row_list(*rows)));
        text += in_row_list(connection.dialect(), list.text, "t.row_id") + " AND ";
    }
    if (not_suppressed) text += "t.suppressed_by IS NULL AND ";
    if (!suppression.asset_id.empty()) {
        const auto asset = parameters.add(sql::Value(suppression.asset_id));
        text += fmt::format("t.asset_id = {} AND ", asset.text);
    }
    if (suppression.filter) {
        writer::ExpressionWriter expressions(connection.dialect(), model::api::kFindingsCollection,
                                             rules, parameters);
        text += expressions.condition(*suppression.filter->options.filter).text;
    } else {
        text += "t.key = " + parameters.add(sql::Value(suppression.finding_key)).text;
    }
    return sql::query_column<std::int64_t>(connection, text, parameters.take());
}

base::Result<void> suppress_rows(sql::Connection& connection, std::string_view suppression,
                                 std::span<const std::int64_t> rows) {
    if (rows.empty()) return {};
    const std::string text =
        "UPDATE finding_rows SET suppressed_by = $1, "
        "tail = substr(tail, 1, length(tail) - 1) || $2 WHERE suppressed_by IS NULL AND " +
        in_row_list(connection.dialect(), "$3");
    const std::string member = fmt::format("{}{}{}", kMember, suppression, kMemberEnd);
    VMSECURITY_TRY(connection.execute(text, sql::bind(suppression, member, row_list(rows))));
    return {};
}

}  // namespace vmsecurity::store
