#include "store/finding_hooks.h"

#include "store/findings/query_rules.h"
#include "store/findings_store.h"

namespace vmsecurity::store {

base::Result<Item> FindingHooks::insert_row(Transaction& transaction, const NewItem& item) const {
    return insert_finding(transaction.connection(), item);
}

base::Result<Item> FindingHooks::replace_row(Transaction& transaction, const NewItem& item) const {
    return replace_finding(transaction.connection(), item);
}

base::Result<void> FindingHooks::remove_row(Transaction& transaction, std::string_view id) const {
    VMSECURITY_TRY(remove_finding(transaction.connection(), id));
    return {};
}

base::Result<std::optional<std::int64_t>> FindingHooks::count(
    sql::Connection& connection, const odata::BoundQuery& query) const {
    return known_finding_count(connection, query);
}

}  // namespace vmsecurity::store
