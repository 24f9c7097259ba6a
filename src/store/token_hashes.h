#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/collection_hooks.h"

// Of tokens only a hash of the secret is stored, apart from the token's object, which people may
// read.
namespace vmsecurity::store {

// A token may have several (while it is rotated). They go when the token is removed.
base::Result<void> put_token_hash(Transaction& transaction, std::string_view token_id,
                                  std::string_view hash);
base::Result<void> remove_token_hashes(sql::Connection& connection, std::string_view token_id);
// The id of the token; nothing: no token has this hash.
base::Result<std::optional<std::string>> find_token_by_hash(Store& store, std::string_view hash,
                                                            Deadline deadline);

class TokenHooks final : public CollectionHooks {
  public:
    base::Result<void> written(Transaction& transaction, const Item* before,
                               const Item* after) const override;
};

}  // namespace vmsecurity::store
