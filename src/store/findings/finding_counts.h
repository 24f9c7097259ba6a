#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/result.h"
#include "findings/finding_key.h"
#include "sql/connection.h"
#include "store/findings/finding_row.h"

namespace vmsecurity::store {

// No other transaction writes findings of the asset, or ends its life, before this one ends. Empty:
// the findings of no asset.
base::Result<void> lock_findings_of(sql::Connection& connection, std::string_view asset_id);

// Findings that count as one on dashboards: of assets, whatever their place in it.
struct ImpactGroup {
    findings::FindingType type = findings::FindingType::kPackage;
    std::int64_t severity = -1;
    std::int64_t impact = 0;
    auto operator<=>(const ImpactGroup&) const = default;
};

// Nothing: it is in no group. A suppressed finding is in one, and is not counted there.
std::optional<ImpactGroup> impact_group(const CountedFinding& finding);

// What a transaction does to the counts, written in one go at its end and always in the same order,
// so that transactions that change the same counts wait for each other instead of blocking.
class CountChanges {
  public:
    void add(const CountedFinding& finding) { count(finding, 1); }
    void remove(const CountedFinding& finding) { count(finding, -1); }
    // `assets`: +1 if the asset now has a finding of the group, -1 if it has none any more.
    void add_impact(const ImpactGroup& group, std::int64_t assets, std::string_view sample);

    base::Result<void> write(sql::Connection& connection);

  private:
    struct Total {
        std::int64_t active = 0;
        std::int64_t total = 0;
    };
    struct Hour {
        std::int64_t added = 0;
        std::int64_t invalidated = 0;
    };
    struct Impact {
        std::int64_t assets = 0;
        std::string sample;  // findingInfo of one of them
    };
    using Kind = std::pair<findings::FindingType, std::int64_t>;  // and severity

    void count(const CountedFinding& finding, std::int64_t by);
    base::Result<void> write_totals(sql::Connection& connection) const;
    base::Result<void> write_hours(sql::Connection& connection) const;
    base::Result<void> write_impacts(sql::Connection& connection);

    std::map<Kind, Total> totals_;
    std::map<std::tuple<findings::FindingType, std::int64_t, std::int64_t>, Hour> hours_;
    std::map<ImpactGroup, Impact> impacts_;
};

// findingImpacts count assets that are stored and not terminated.
base::Result<bool> is_living(sql::Connection& connection, std::string_view asset_id);

// How many valid findings of the group an asset has that are not suppressed.
base::Result<std::int64_t> group_size(sql::Connection& connection, std::string_view asset_id,
                                      const ImpactGroup& group);

}  // namespace vmsecurity::store
