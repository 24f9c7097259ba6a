#include <algorithm>
#include <map>
#include <utility>

#include "findings/reconciliation.h"
#include "findings/severity_rank.h"
#include "model/schema/canonical.h"
#include "sql/query.h"
#include "store/clock.h"
#include "store/findings/coverage_text.h"
#include "store/findings/finding_counts.h"
#include "store/findings/finding_row.h"
#include "store/findings/finding_writer.h"
#include "store/findings/row_list.h"
#include "store/findings/suppressions.h"

namespace vmsecurity::store {
namespace {

using findings::Decision;
using findings::KnownFinding;
using findings::ObservedFinding;
using findings::Reconciliation;

using Time = std::optional<std::int64_t>;

// What counts need of a known finding, beside what the rules need.
struct Group {
    std::int64_t severity = -1;
    std::int64_t impact = 0;
    auto operator<=>(const Group&) const = default;
};

struct Counted {
    Group group;
    bool active = false;  // it is valid and not suppressed
};

struct Latest {
    Time observed_on;
    std::int64_t observations = 0;
};

class Reconciler final : public FindingReconciler {
  public:
    Reconciler(sql::Connection& connection, Observation observation)
        : connection_(connection), observation_(std::move(observation)), writer_(connection) {}

    base::Result<void> load();
    base::Result<void> add(ObservedFinding finding) override;
    base::Result<ReconcileResult> finish() override;

  private:
    struct Changed {
        ObservedFinding finding;
        std::string info_text;
        std::int64_t content = 0;
    };

    std::string_view type() const { return to_string(observation_.type); }
    CountedFinding counted(const KnownFinding& known, const Group& group) const;
    void set_active(const Group& group, std::int64_t by);

    base::Result<void> load_latest();
    base::Result<std::vector<findings::PastObservation>> load_newer();
    base::Result<std::vector<KnownFinding>> load_known();
    base::Result<void> insert(ObservedFinding finding, std::string info_text, std::int64_t content,
                              const Decision& decision);
    base::Result<void> write_changed();
    base::Result<void> rewrite(std::int64_t row_id, boost::json::object document,
                               std::int64_t revision, bool follows, Changed changed);
    base::Result<void> invalidate(const findings::Plan& plan);
    base::Result<void> write_last_seen(const findings::Plan& plan);
    base::Result<void> record();
    base::Result<void> count_impacts();
    base::Result<void> suppress();
    base::Result<void> take_out_suppressed(std::span<const std::int64_t> rows);

    sql::Connection& connection_;
    Observation observation_;
    FindingWriter writer_;
    CountChanges counts_;
    std::optional<Reconciliation> rules_;
    std::optional<Suppressions> suppressions_;
    std::int64_t last_row_ = 0;  // of all before the first one that is added
    Latest latest_;
    std::vector<Counted> counted_;                // of rules_->known()
    std::map<std::int64_t, std::size_t> places_;  // in known(), of rows that changed
    std::map<std::int64_t, Changed> changed_;     // by row_id
    ReconcileResult result_;

    // How many findings each group counts in the asset, before and now, and the findingInfo of one
    // that was added.
    struct Size {
        std::int64_t before = 0;
        std::int64_t now = 0;
        std::string sample;
    };
    std::map<Group, Size> sizes_;
};

base::Result<void> Reconciler::load() {
    VMSECURITY_TRY(lock_findings_of(connection_, observation_.asset_id));
    VMSECURITY_ASSIGN(suppressions_, Suppressions::load(connection_, now_nanoseconds()));
    if (!suppressions_->empty()) {
        VMSECURITY_ASSIGN(
            const auto last,
            sql::query_value<std::int64_t>(connection_, "SELECT max(row_id) FROM finding_rows"));
        last_row_ = last.value_or(0);
    }
    VMSECURITY_TRY(load_latest());
    VMSECURITY_ASSIGN(auto newer, load_newer());
    VMSECURITY_ASSIGN(auto known, load_known());
    rules_.emplace(observation_.observed_on, observation_.coverage, std::move(known),
                   std::move(newer), latest_.observed_on);
    return {};
}

base::Result<void> Reconciler::load_latest() {
    return connection_.query(
        "SELECT observed_on, observations FROM finding_observations "
        "WHERE asset_id = $1 AND finding_type = $2",
        sql::bind(observation_.asset_id, type()), [&](const sql::Row& row) {
            latest_ = {row.integer(0), row.integer(1)};
            return true;
        });
}

base::Result<std::vector<findings::PastObservation>> Reconciler::load_newer() {
    std::vector<findings::PastObservation> newer;
    VMSECURITY_TRY(connection_.query(
        "SELECT observed_on, coverage FROM asset_scan_reconciliations "
        "WHERE asset_id = $1 AND finding_type = $2 AND observed_on > $3 ORDER BY observed_on",
        sql::bind(observation_.asset_id, type(), observation_.observed_on),
        [&](const sql::Row& row) {
            newer.push_back({row.integer(0), parse_coverage(row.text(1))});
            return true;
        }));
    // The asset scan of the latest one may be deleted: that it was made is still known.
    if (newer.empty() && latest_.observed_on > observation_.observed_on) {
        newer.push_back({*latest_.observed_on, {}});
    }
    return newer;
}

base::Result<std::vector<KnownFinding>> Reconciler::load_known() {
    std::vector<KnownFinding> known;
    VMSECURITY_TRY(connection_.query(
        "SELECT row_id, key, found_on, invalidated_on, last_seen, scanner, location, content, "
        "coalesce(severity, -1), impact, suppressed_by FROM finding_rows "
        "WHERE asset_id = $1 AND object_type = $2 "
        "AND (invalidated_on IS NULL OR invalidated_on > $3)",
        sql::bind(observation_.asset_id, type(), observation_.observed_on),
        [&](const sql::Row& row) {
            known.push_back({.row = row.integer(0),
                             .key = std::string(row.text(1)),
                             .found_on = sql::column<Time>(row, 2),
                             .invalidated_on = sql::column<Time>(row, 3),
                             .last_seen = sql::column<Time>(row, 4),
                             .scanner = std::string(row.text(5)),
                             .location = std::string(row.text(6)),
                             .content = row.integer(7)});
            const Group group{row.integer(8), row.integer(9)};
            const bool active = !known.back().invalidated_on && row.is_null(10);
            counted_.push_back({group, active});
            if (active) {
                set_active(group, 1);
                ++sizes_[group].before;
            }
            return true;
        }));
    return known;
}

CountedFinding Reconciler::counted(const KnownFinding& known, const Group& group) const {
    return {.type = observation_.type,
            .asset_id = observation_.asset_id,
            .severity = group.severity,
            .impact = group.impact,
            .found_on = known.found_on,
            .invalidated_on = known.invalidated_on};
}

void Reconciler::set_active(const Group& group, std::int64_t by) {
    sizes_[group].now += by;
    result_.active.add(group.severity, by);
}

base::Result<void> Reconciler::add(ObservedFinding finding) {
    std::string info_text = finding.info_text();
    const std::int64_t content = finding.content(info_text);
    const Decision decision = rules_->decide({.key = finding.key,
                                              .scanner = finding.scanner,
                                              .location = finding.location,
                                              .content = content});
    if (decision.kind != Decision::Kind::kDuplicate) {
        result_.seen.add(findings::severity_rank(finding.info), 1);
    }
    switch (decision.kind) {
        case Decision::Kind::kNew:
            return insert(std::move(finding), std::move(info_text), content, decision);
        case Decision::Kind::kKnown:
            break;
        case Decision::Kind::kChanged:
            changed_.insert_or_assign(*decision.row,
                                      Changed{std::move(finding), std::move(info_text), content});
            ++result_.changed;
            break;
        case Decision::Kind::kDuplicate:
            ++result_.merged;
            break;
    }
    return {};
}

base::Result<void> Reconciler::insert(ObservedFinding finding, std::string info_text,
                                      std::int64_t content, const Decision& decision) {
    FindingRow row = observed_row(observation_, std::move(finding), std::move(info_text), content,
                                  {.found_on = observation_.observed_on,
                                   .invalidated_on = decision.invalidated_on,
                                   .last_seen = decision.last_seen});
    counts_.add(row.counted);
    if (!row.counted.invalidated_on) {
        const Group group{row.counted.severity, row.counted.impact};
        set_active(group, 1);
        Size& size = sizes_[group];
        if (size.before == 0 && size.sample.empty()) size.sample = std::move(row.sample);
    }
    ++result_.added;
    return writer_.insert(std::move(row));
}

base::Result<ReconcileResult> Reconciler::finish() {
    const findings::Plan plan = rules_->finish();
    result_.kept = plan.kept;
    result_.protected_by_coverage = plan.unseen;
    VMSECURITY_TRY(write_changed());
    VMSECURITY_TRY(writer_.flush());
    VMSECURITY_TRY(suppress());
    VMSECURITY_TRY(invalidate(plan));
    VMSECURITY_TRY(write_last_seen(plan));
    VMSECURITY_TRY(record());
    VMSECURITY_TRY(count_impacts());
    VMSECURITY_TRY(counts_.write(connection_));
    if (result_.added + result_.changed + result_.invalidated > 0) result_.wrote = true;
    if (!plan.last_seen.empty()) result_.wrote = true;
    return result_;
}

// What a known finding says anew takes the place of what it said; what people wrote at it stays.
base::Result<void> Reconciler::write_changed() {
    if (changed_.empty()) return {};
    std::vector<std::int64_t> rows;
    for (const auto& [row, changed] : changed_) rows.push_back(row);
    for (std::size_t i = 0; i < rules_->known().size(); ++i) {
        if (changed_.contains(rules_->known()[i].row)) places_[rules_->known()[i].row] = i;
    }
    struct Stored {
        std::int64_t row_id;
        std::int64_t revision;
        bool follows;
        std::string text;
    };
    // Some at a time: their texts are in memory.
    constexpr std::size_t kBatch = 1000;
    const std::string query =
        "SELECT row_id, revision, last_seen, head || tail FROM finding_rows WHERE " +
        in_row_list(connection_.dialect(), "$1");
    for (std::size_t start = 0; start < rows.size(); start += kBatch) {
        const auto batch = std::span(rows).subspan(start, std::min(kBatch, rows.size() - start));
        std::vector<Stored> stored;
        VMSECURITY_TRY(
            connection_.query(query, sql::bind(row_list(batch)), [&](const sql::Row& row) {
                stored.push_back(
                    {row.integer(0), row.integer(1), row.is_null(2), std::string(row.text(3))});
                return true;
            }));
        for (const Stored& one : stored) {
            VMSECURITY_ASSIGN(boost::json::value document, codec::parse_json(one.text));
            VMSECURITY_TRY(rewrite(one.row_id, std::move(document.as_object()), one.revision,
                                   one.follows, std::move(changed_.at(one.row_id))));
        }
    }
    return {};
}

// Of those that are new, and of those that say something else now. Until here they count.
base::Result<void> Reconciler::suppress() {
    std::vector<std::int64_t> rows;
    for (const auto& [row, changed] : changed_) rows.push_back(row);
    VMSECURITY_TRY(suppressions_->reassess(connection_, rows));
    if (suppressions_->empty()) return {};
    VMSECURITY_TRY(take_out_suppressed(rows));
    if (result_.added == 0) return {};
    VMSECURITY_ASSIGN(
        const auto added,
        sql::query_column<std::int64_t>(connection_,
                                        "SELECT row_id FROM finding_rows "
                                        "WHERE asset_id = $1 AND object_type = $2 AND row_id > $3",
                                        sql::bind(observation_.asset_id, type(), last_row_)));
    VMSECURITY_TRY(suppressions_->mark(connection_, added));
    return take_out_suppressed(added);
}

base::Result<void> Reconciler::take_out_suppressed(std::span<const std::int64_t> rows) {
    if (rows.empty()) return {};
    return connection_.query(
        "SELECT row_id, coalesce(severity, -1), impact FROM finding_rows "
        "WHERE suppressed_by IS NOT NULL AND invalidated_on IS NULL AND " +
            in_row_list(connection_.dialect(), "$1"),
        sql::bind(row_list(rows)), [&](const sql::Row& row) {
            set_active({row.integer(1), row.integer(2)}, -1);
            const auto place = places_.find(row.integer(0));
            if (place != places_.end()) counted_[place->second].active = false;
            return true;
        });
}

base::Result<void> Reconciler::rewrite(std::int64_t row_id, boost::json::object document,
                                       std::int64_t revision, bool follows, Changed changed) {
    const std::size_t place = places_.at(row_id);
    const KnownFinding& known = rules_->known()[place];
    auto& [group, active] = counted_[place];
    const auto set = [&](std::string_view member, boost::json::object& value) {
        if (value.empty()) {
            document.erase(member);
        } else {
            document[member] = std::move(value);
        }
    };
    set("findingInfo", changed.finding.info);
    set("evidence", changed.finding.evidence);
    set("enrichment", changed.finding.enrichment);
    const std::string id(codec::text_member(document, "id"));
    FindingRow row = document_row(id, revision + 1, std::move(document), follows);
    row.values[finding_column("content")] = changed.content;
    row.values[finding_column("key")] = known.key;
    row.values[finding_column("found_on")] = sql::to_value(known.found_on);
    row.values[finding_column("last_seen")] = sql::to_value(known.last_seen);
    counts_.remove(counted(known, group));
    if (active) set_active(group, -1);
    group = {row.counted.severity, row.counted.impact};
    counts_.add(counted(known, group));
    active = !known.invalidated_on;
    if (active) set_active(group, 1);
    Size& size = sizes_[group];
    if (size.before == 0 && size.sample.empty()) size.sample = std::move(row.sample);
    return writer_.replace(row_id, std::move(row));
}

base::Result<void> Reconciler::invalidate(const findings::Plan& plan) {
    if (plan.invalidate.empty()) return {};
    std::vector<std::int64_t> rows;
    for (const std::size_t place : plan.invalidate) {
        KnownFinding known = rules_->known()[place];
        rows.push_back(known.row);
        const auto& [group, active] = counted_[place];
        counts_.remove(counted(known, group));
        known.invalidated_on = observation_.observed_on;
        counts_.add(counted(known, group));
        if (active) set_active(group, -1);
    }
    result_.invalidated = static_cast<std::int64_t>(rows.size());
    // One that followed the observations was seen by the one before this.
    const std::string text =
        "UPDATE finding_rows SET invalidated_on = $1, "
        "revision = revision + 1 + CASE WHEN last_seen IS NULL THEN $3 ELSE 0 END, "
        "last_seen = coalesce(last_seen, CASE WHEN found_on > $2 THEN found_on ELSE $2 END) "
        "WHERE " +
        in_row_list(connection_.dialect(), "$4");
    VMSECURITY_TRY(connection_.execute(
        text,
        sql::bind(observation_.observed_on, latest_.observed_on.value_or(observation_.observed_on),
                  latest_.observations, row_list(rows))));
    return {};
}

base::Result<void> Reconciler::write_last_seen(const findings::Plan& plan) {
    std::map<Time, std::vector<std::int64_t>> rows;
    for (const auto& [row, time] : plan.last_seen) rows[time].push_back(row);
    for (const auto& [time, list] : rows) {
        const std::string text =
            "UPDATE finding_rows SET last_seen = $1::bigint, "
            "revision = revision + 1 + CASE WHEN last_seen IS NULL THEN $2 ELSE 0 END WHERE " +
            in_row_list(connection_.dialect(), "$3");
        VMSECURITY_TRY(
            connection_.execute(text, sql::bind(time, latest_.observations, row_list(list))));
    }
    return {};
}

base::Result<void> Reconciler::record() {
    VMSECURITY_ASSIGN(
        const auto observed,
        connection_.execute(
            "INSERT INTO finding_observations (asset_id, finding_type, observed_on, observations) "
            "VALUES ($1, $2, $3, 1) ON CONFLICT (asset_id, finding_type) DO UPDATE SET "
            "observed_on = excluded.observed_on, "
            "observations = finding_observations.observations + 1 "
            "WHERE finding_observations.observed_on < excluded.observed_on",
            sql::bind(observation_.asset_id, type(), observation_.observed_on)));
    VMSECURITY_ASSIGN(
        const auto reconciled,
        connection_.execute(
            "INSERT INTO asset_scan_reconciliations AS r "
            "(asset_scan_id, finding_type, scan_id, asset_id, observed_on, coverage) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (asset_scan_id, finding_type) "
            "DO UPDATE SET scan_id = excluded.scan_id, asset_id = excluded.asset_id, "
            "observed_on = excluded.observed_on, coverage = excluded.coverage "
            "WHERE r.observed_on < excluded.observed_on OR (r.observed_on = excluded.observed_on "
            "AND (r.coverage <> excluded.coverage OR r.asset_id <> excluded.asset_id "
            "OR r.scan_id IS DISTINCT FROM excluded.scan_id))",
            sql::bind(
                observation_.asset_scan_id, type(),
                observation_.scan_id.empty() ? std::nullopt : std::optional(observation_.scan_id),
                observation_.asset_id, observation_.observed_on,
                coverage_text(observation_.coverage))));
    result_.wrote = observed > 0 || reconciled > 0;
    return {};
}

base::Result<void> Reconciler::count_impacts() {
    VMSECURITY_ASSIGN(const bool living, is_living(connection_, observation_.asset_id));
    if (!living) return {};
    for (const auto& [group, size] : sizes_) {
        const std::int64_t difference = (size.now > 0 ? 1 : 0) - (size.before > 0 ? 1 : 0);
        if (difference == 0) continue;
        counts_.add_impact({observation_.type, group.severity, group.impact}, difference,
                           size.sample);
    }
    return {};
}

}  // namespace

base::Result<std::unique_ptr<FindingReconciler>> FindingReconciler::begin(
    sql::Connection& connection, Observation observation) {
    auto reconciler = std::make_unique<Reconciler>(connection, std::move(observation));
    VMSECURITY_TRY(reconciler->load());
    return reconciler;
}

base::Result<ReconcileResult> reconcile_findings(sql::Connection& connection,
                                                 const Observation& observation,
                                                 std::span<ObservedFinding> findings) {
    VMSECURITY_ASSIGN(const auto reconciler, FindingReconciler::begin(connection, observation));
    for (ObservedFinding& finding : findings) {
        VMSECURITY_TRY(reconciler->add(std::move(finding)));
    }
    return reconciler->finish();
}

}  // namespace vmsecurity::store
