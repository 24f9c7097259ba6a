#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::store {

// What a collection needs besides its rows: counts and side tables that are kept in the same
// transaction as the objects they follow from.
class CollectionHooks {
  public:
    virtual ~CollectionHooks() = default;

    // Where the collection's table is a view: what writes the rows behind it. Errors as
    // Transaction's; what is replaced or removed is there and locked.
    virtual bool writes_rows() const { return false; }
    virtual base::Result<Item> insert_row(Transaction& transaction, const NewItem& item) const;
    virtual base::Result<Item> replace_row(Transaction& transaction, const NewItem& item) const;
    virtual base::Result<void> remove_row(Transaction& transaction, std::string_view id) const;

    // After a row was inserted (`before` is nothing), replaced, or removed (`after` is nothing).
    virtual base::Result<void> written(Transaction& /*transaction*/, const Item* /*before*/,
                                       const Item* /*after*/) const {
        return {};
    }

    // How many rows match the query, where that is known without looking at them.
    virtual base::Result<std::optional<std::int64_t>> count(
        sql::Connection& /*connection*/, const odata::BoundQuery& /*query*/) const {
        return std::nullopt;
    }
};

// nullptr: the collection is its rows alone.
const CollectionHooks* hooks_of(const model::schema::Collection& collection);

}  // namespace vmsecurity::store
