#include "store/asset_hooks.h"

#include "store/findings_store.h"

namespace vmsecurity::store {
namespace {

// Exact on canonical text: inside a string the quotes would be escaped, and no other member has
// this name.
bool is_living(const Item* asset) {
    return asset != nullptr && asset->document.find(R"("terminatedOn":)") == std::string::npos;
}

}  // namespace

base::Result<void> AssetHooks::written(Transaction& transaction, const Item* before,
                                       const Item* after) const {
    const bool living = is_living(after);
    if (living == is_living(before)) return {};
    const std::string& id = after != nullptr ? after->id : before->id;
    return asset_life_changed(transaction.connection(), id, living);
}

}  // namespace vmsecurity::store
