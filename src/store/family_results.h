#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "findings/family.h"
#include "sql/connection.h"
#include "store/separate.h"

// A family's results in full, as they were sent to /assetScans/{id}/results/{family}: beside the
// member of the asset scan that 0.6 clients read, which has no place for scanners, locations and
// evidence. The row "results/<family>" of asset_scan_results holds lines of canonical JSON: first
// the FamilyResults without its items, then an item each.
namespace vmsecurity::store {

std::string family_results_row(const findings::Family& family);  // "results/sbom"

// Items come before what stands beside them is known.
class FamilyResultsPacker {
  public:
    explicit FamilyResultsPacker(std::size_t max_bytes)
        : max_bytes_(max_bytes), items_(max_bytes) {}

    base::Result<void> add(std::string_view item);
    base::Result<PackedJson> finish(std::string_view head);

  private:
    std::size_t max_bytes_;
    JsonPacker items_;
};

// The head, and then each item.
base::Result<void> for_each_line(const PackedJson& results,
                                 const std::function<base::Result<void>(std::string_view)>& head,
                                 const std::function<base::Result<void>(std::string_view)>& item);

// Goes where the member is written by other means: then it is no longer what was sent.
base::Result<void> forget_family_results(sql::Connection& connection, std::string_view asset_scan,
                                         const findings::Family& family);
base::Result<bool> has_family_results(sql::Connection& connection, std::string_view asset_scan,
                                      const findings::Family& family);

}  // namespace vmsecurity::store
