#pragma once

#include "store/collection_hooks.h"

namespace vmsecurity::store {

// findingImpacts count the assets that live, so they follow the end of an asset's life.
class AssetHooks final : public CollectionHooks {
  public:
    base::Result<void> written(Transaction& transaction, const Item* before,
                               const Item* after) const override;
};

}  // namespace vmsecurity::store
