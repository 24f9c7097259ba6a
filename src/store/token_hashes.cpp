#include "store/token_hashes.h"

#include "sql/query.h"

namespace vmsecurity::store {

base::Result<void> put_token_hash(Transaction& transaction, std::string_view token_id,
                                  std::string_view hash) {
    VMSECURITY_TRY(transaction.connection().execute(
        "INSERT INTO token_hashes (hash, token_id) VALUES ($1, $2)", sql::bind(hash, token_id)));
    return {};
}

base::Result<void> remove_token_hashes(sql::Connection& connection, std::string_view token_id) {
    VMSECURITY_TRY(
        connection.execute("DELETE FROM token_hashes WHERE token_id = $1", sql::bind(token_id)));
    return {};
}

base::Result<std::optional<std::string>> find_token_by_hash(Store& store, std::string_view hash,
                                                            Deadline deadline) {
    std::optional<std::string> id;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        VMSECURITY_ASSIGN(id, sql::query_value<std::string>(
                                  connection, "SELECT token_id FROM token_hashes WHERE hash = $1",
                                  sql::bind(hash)));
        return {};
    };
    VMSECURITY_TRY(store.database().read(work, deadline));
    return id;
}

base::Result<void> TokenHooks::written(Transaction& transaction, const Item* before,
                                       const Item* after) const {
    if (before == nullptr || after != nullptr) return {};
    return remove_token_hashes(transaction.connection(), before->id);
}

}  // namespace vmsecurity::store
