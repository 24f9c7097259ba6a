#pragma once

#include "store/collection_hooks.h"

namespace vmsecurity::store {

// Clients of 0.6 send results as members of the asset scan, and say Done at the end. Then findings
// follow from them, as VMClarity's asset-scan processor made them some minutes later: of each
// family that is Done without errors and whose results are there. Here it is part of the write that
// says Done, so that whoever reads that it is done finds the findings, a crash loses none, and
// nobody has to look for asset scans that are left over. findingsProcessed says that it was done;
// who sets it himself has written findings himself.
//
// A family whose results came by /assetScans/{id}/results/{family} is reconciled already, by its
// own coverage. Without any coverage what was not seen is gone, as it was in 0.6.
class AssetScanHooks final : public CollectionHooks {
  public:
    base::Result<void> written(Transaction& transaction, const Item* before,
                               const Item* after) const override;
};

// Whether a write of this asset scan makes findings, so that it takes longer than others.
bool makes_findings(const boost::json::object& asset_scan);

}  // namespace vmsecurity::store
