#pragma once

#include <vector>

#include "store/change_feed.h"
#include "store/collection_sql.h"
#include "store/row_values.h"
#include "store/store.h"

namespace vmsecurity::store {

// The work of one write on one connection. finish() after the work, before the commit.
class DatabaseTransaction final : public Transaction {
  public:
    DatabaseTransaction(sql::Connection& connection, CollectionSqlCache& texts)
        : connection_(connection), texts_(texts) {}

    base::Result<std::optional<Item>> find(const model::schema::Collection& collection,
                                           std::string_view id) override;
    base::Result<std::optional<Item>> find_by_unique_key(
        const model::schema::Collection& collection, std::string_view unique_key) override;
    base::Result<void> insert(const model::schema::Collection& collection, NewItem item) override;
    base::Result<void> replace(const model::schema::Collection& collection, NewItem item) override;
    base::Result<bool> remove(const model::schema::Collection& collection,
                              std::string_view id) override;
    base::Result<bool> remove_unrecorded(const model::schema::Collection& collection,
                                         std::string_view id) override;
    base::Result<void> put_separate(const model::schema::Collection& collection,
                                    std::string_view id, std::string_view member,
                                    std::string_view json) override;
    sql::Connection& connection() override { return connection_; }
    void record_change(std::string_view collection, std::string_view id, ChangeKind kind,
                       std::int64_t revision, std::string_view family) override;

    // Writes the recorded changes.
    base::Result<void> finish();

  private:
    base::Result<std::optional<Item>> find_by(std::string_view text, std::string_view value);
    base::Result<void> insert_row(const model::schema::Collection& collection,
                                  const PreparedRow& row);
    base::Result<void> replace_row(const model::schema::Collection& collection,
                                   const PreparedRow& row);
    base::Result<void> write_separate_members(const PreparedRow& row);
    base::Result<std::optional<Item>> take_out(const model::schema::Collection& collection,
                                               std::string_view id);

    sql::Connection& connection_;
    CollectionSqlCache& texts_;
    std::vector<Change> changes_;
};

}  // namespace vmsecurity::store
