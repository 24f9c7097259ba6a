#pragma once

#include "store/collection_hooks.h"

namespace vmsecurity::store {

// Leaves the work that follows from a suppression's change to settle_suppressions(): it may be
// about a million findings.
class SuppressionHooks final : public CollectionHooks {
  public:
    base::Result<void> written(Transaction& transaction, const Item* before,
                               const Item* after) const override;
};

}  // namespace vmsecurity::store
