#include "store/findings/query_rules.h"

#include <array>
#include <string>
#include <variant>

#include "findings/severity_rank.h"
#include "model/api/tables.h"
#include "sql/query.h"
#include "store/findings/name_columns.h"

namespace vmsecurity::store {
namespace {

using model::api::kFindingsCollection;
using odata::BoundComparison;
using odata::BoundExpression;
using odata::BoundLogical;
using odata::BoundNullTest;
using odata::BoundPath;

// An asset scan has a few thousand findings: they are looked up. A scan may have all of them:
// whoever lists them in some order tries them one by one.
constexpr std::array<odata::sql::RelationRule, 2> kRelations = {{
    {&kFindingsCollection, "foundBy/id",
     "{row}.row_id IN (SELECT f.row_id FROM asset_scan_reconciliations AS r "
     "JOIN finding_rows AS f ON f.asset_id = r.asset_id AND f.object_type = r.finding_type "
     "AND f.found_on <= r.observed_on "
     "AND (f.invalidated_on IS NULL OR f.invalidated_on > r.observed_on) "
     "WHERE r.asset_scan_id IN ({values}) "
     "UNION SELECT f.row_id FROM finding_rows AS f WHERE f.found_by_id IN ({values}))"},
    {&kFindingsCollection, "foundBy/scan/id",
     "({row}.asset_id IN (SELECT r.asset_id FROM asset_scan_reconciliations AS r "
     "WHERE r.scan_id IN ({values})) AND EXISTS (SELECT 1 FROM asset_scan_reconciliations AS r "
     "WHERE r.scan_id IN ({values}) AND r.asset_id = {row}.asset_id "
     "AND r.finding_type = {row}.object_type AND r.observed_on >= {row}.found_on "
     "AND ({row}.invalidated_on IS NULL OR {row}.invalidated_on > r.observed_on))) "
     "OR {row}.found_by_id IN (SELECT s.id FROM asset_scans AS s WHERE s.scan_id IN ({values}))"},
}};

struct Dictionaries {
    std::array<std::string, kNameColumns.size()> conditions;
    std::array<odata::sql::DictionaryRule, kNameColumns.size()> rules;

    Dictionaries() {
        for (std::size_t i = 0; i < kNameColumns.size(); ++i) {
            const std::string column(kNameColumns[i]);
            conditions[i] = "{row}." + column +
                            " IN (SELECT n.value FROM finding_names AS n WHERE n.field = '" +
                            column + "' AND {match})";
            rules[i] = {&kFindingsCollection, path_of(column), "n.value", conditions[i]};
        }
    }

    static std::string_view path_of(std::string_view column) {
        for (const auto& hot : kFindingsCollection.columns) {
            if (hot.name == column) return hot.path;
        }
        return {};
    }
};

// The conditions that totals answer.
struct TotalsFilter {
    std::optional<std::string> type;
    std::optional<std::int64_t> severity;
    std::optional<bool> valid;
};

const BoundPath* path_in_row(const BoundExpression& expression) {
    const auto* path = std::get_if<BoundPath>(&expression.node);
    return path != nullptr && path->root.kind == odata::Root::Kind::kRow ? path : nullptr;
}

bool take_comparison(const BoundComparison& comparison, TotalsFilter& filter) {
    const BoundPath* path = path_in_row(*comparison.left);
    const auto* constant = std::get_if<odata::Constant>(&comparison.right->node);
    if (path == nullptr || constant == nullptr ||
        comparison.operation != odata::ComparisonOperator::kEq) {
        return false;
    }
    if (const auto* type = std::get_if<std::string>(constant);
        type != nullptr && path->text() == "findingInfo/objectType" && !filter.type) {
        filter.type = *type;
        return true;
    }
    if (const auto* rank = std::get_if<std::int64_t>(constant);
        rank != nullptr && path->text() == "findingInfo/severity" && !filter.severity) {
        filter.severity = *rank;
        return true;
    }
    return false;
}

bool take_null_test(const BoundNullTest& test, TotalsFilter& filter) {
    const BoundPath* path = path_in_row(*test.operand);
    if (path == nullptr || path->text() != "invalidatedOn" || filter.valid) return false;
    filter.valid = test.is_null;
    return true;
}

bool take(const BoundExpression& expression, TotalsFilter& filter) {
    if (const auto* logical = std::get_if<BoundLogical>(&expression.node)) {
        if (logical->operation != odata::LogicalOperator::kAnd) return false;
        for (const BoundExpression& operand : logical->operands) {
            if (!take(operand, filter)) return false;
        }
        return true;
    }
    if (const auto* comparison = std::get_if<BoundComparison>(&expression.node)) {
        return take_comparison(*comparison, filter);
    }
    const auto* test = std::get_if<BoundNullTest>(&expression.node);
    return test != nullptr && take_null_test(*test, filter);
}

// Findings that say no type are in no total; there are hardly any.
constexpr std::string_view kUntyped =
    "SELECT count(*) FROM finding_rows WHERE object_type IS NULL "
    "AND ($1::bigint IS NULL OR (invalidated_on IS NULL) = ($1::bigint = 1))";
constexpr std::string_view kTotals =
    "SELECT coalesce(sum(CASE WHEN $3::bigint IS NULL THEN total WHEN $3::bigint = 1 THEN active "
    "ELSE total - active END), 0) FROM finding_totals "
    "WHERE ($1::text IS NULL OR finding_type = $1::text) "
    "AND ($2::bigint IS NULL OR severity = $2::bigint)";

}  // namespace

odata::sql::Rules finding_rules() {
    static const Dictionaries kDictionaries;
    return {.relations = kRelations, .dictionaries = kDictionaries.rules};
}

base::Result<std::optional<std::int64_t>> known_finding_count(sql::Connection& connection,
                                                              const odata::BoundQuery& query) {
    if (query.collection != &kFindingsCollection || query.apply) return std::nullopt;
    TotalsFilter filter;
    if (query.options.filter && !take(*query.options.filter, filter)) return std::nullopt;
    const auto valid =
        filter.valid ? std::optional(std::int64_t{*filter.valid ? 1 : 0}) : std::nullopt;
    VMSECURITY_ASSIGN(
        auto count, sql::query_value<std::int64_t>(connection, kTotals,
                                                   sql::bind(filter.type, filter.severity, valid)));
    if (!filter.type && !filter.severity) {
        VMSECURITY_ASSIGN(const auto untyped,
                          sql::query_value<std::int64_t>(connection, kUntyped, sql::bind(valid)));
        count = count.value_or(0) + untyped.value_or(0);
    }
    return count;
}

}  // namespace vmsecurity::store
