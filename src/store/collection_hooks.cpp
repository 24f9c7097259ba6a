#include "store/collection_hooks.h"

#include "store/asset_hooks.h"
#include "store/asset_scan_hooks.h"
#include "store/finding_hooks.h"
#include "store/suppression_hooks.h"
#include "store/token_hashes.h"

namespace vmsecurity::store {
namespace {

base::Error not_written_here() {
    return {base::ErrorCode::kInternal, "The collection's table is to be written itself.", {}, {}};
}

}  // namespace

base::Result<Item> CollectionHooks::insert_row(Transaction& /*transaction*/,
                                               const NewItem& /*item*/) const {
    return base::fail(not_written_here());
}

base::Result<Item> CollectionHooks::replace_row(Transaction& /*transaction*/,
                                                const NewItem& /*item*/) const {
    return base::fail(not_written_here());
}

base::Result<void> CollectionHooks::remove_row(Transaction& /*transaction*/,
                                               std::string_view /*id*/) const {
    return base::fail(not_written_here());
}

const CollectionHooks* hooks_of(const model::schema::Collection& collection) {
    static const AssetHooks assets;
    static const AssetScanHooks asset_scans;
    static const FindingHooks findings;
    static const SuppressionHooks suppressions;
    static const TokenHooks tokens;
    if (collection.table == "assets") return &assets;
    if (collection.table == "asset_scans") return &asset_scans;
    if (collection.table == "findings") return &findings;
    if (collection.table == "suppressions") return &suppressions;
    if (collection.table == "tokens") return &tokens;
    return nullptr;
}

}  // namespace vmsecurity::store
