#pragma once

#include "store/collection_hooks.h"

namespace vmsecurity::store {

// Single findings of the API's clients: "findings" is a view (store/findings/migrations).
class FindingHooks final : public CollectionHooks {
  public:
    bool writes_rows() const override { return true; }
    base::Result<Item> insert_row(Transaction& transaction, const NewItem& item) const override;
    base::Result<Item> replace_row(Transaction& transaction, const NewItem& item) const override;
    base::Result<void> remove_row(Transaction& transaction, std::string_view id) const override;
    base::Result<std::optional<std::int64_t>> count(sql::Connection& connection,
                                                    const odata::BoundQuery& query) const override;
};

}  // namespace vmsecurity::store
