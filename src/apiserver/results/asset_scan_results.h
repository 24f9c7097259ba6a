#pragma once

#include <optional>
#include <string>

#include "apiserver/results/upload.h"
#include "store/findings_store.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

// The results of one family of an asset scan on their way into the store, in one transaction.
class AssetScanResults {
  public:
    static base::Result<AssetScanResults> open(store::Transaction& transaction,
                                               const store::Item& asset_scan,
                                               const findings::Family& family);

    std::string_view asset_id() const;  // or empty

    // Brings the asset's findings in line with what was sent.
    base::Result<store::ReconcileResult> reconcile(const FamilyUpload& upload);
    // Stores what was sent, and says it of the asset scan. False: all of it is known already, and
    // nothing was written.
    base::Result<bool> store(const FamilyUpload& upload, const store::ReconcileResult& result);

    const boost::json::object& before() const { return before_; }
    const boost::json::object& after() const { return after_; }
    std::int64_t revision() const { return revision_; }

  private:
    AssetScanResults(store::Transaction& transaction, const findings::Family& family)
        : transaction_(transaction), family_(family) {}

    void describe(const FamilyUpload& upload, const store::ReconcileResult& result);
    base::Result<bool> is_known(const FamilyUpload& upload) const;
    base::Result<void> store_coverage(const FamilyUpload& upload);

    store::Transaction& transaction_;
    const findings::Family& family_;
    std::string id_;
    std::int64_t revision_ = 0;
    boost::json::object before_;
    boost::json::object after_;
};

}  // namespace vmsecurity::apiserver
