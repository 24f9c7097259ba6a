#include "store/suppression_hooks.h"

#include "sql/query.h"
#include "store/findings/suppressions.h"

namespace vmsecurity::store {

base::Result<void> SuppressionHooks::written(Transaction& transaction, const Item* before,
                                             const Item* after) const {
    // Whoever writes findings meanwhile either sees this suppression or is seen by who settles it.
    VMSECURITY_TRY(lock_suppressions(transaction.connection(), true));
    if (before != nullptr || after == nullptr) return {};
    // Revision 0: nothing of it is done.
    VMSECURITY_TRY(transaction.connection().execute(
        "INSERT INTO suppression_states (suppression_id, revision, active) VALUES ($1, 0, $2) "
        "ON CONFLICT (suppression_id) DO UPDATE SET revision = 0",
        sql::bind(after->id, true)));
    return {};
}

}  // namespace vmsecurity::store
