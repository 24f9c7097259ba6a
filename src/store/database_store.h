#pragma once

#include <memory>

#include "store/collection_sql.h"
#include "store/store.h"

namespace vmsecurity::store {

class DatabaseStore final : public Store {
  public:
    DatabaseStore(std::shared_ptr<sql::Database> database, StoreOptions options)
        : database_(std::move(database)), options_(options), texts_(database_->dialect()) {}

    base::Result<Item> get(const model::schema::Collection& collection, std::string_view id,
                           Deadline deadline, bool without_separate) override;
    base::Result<Item> get(const model::schema::Collection& collection, std::string_view id,
                           const odata::BoundQuery& query, Deadline deadline) override;
    base::Result<ListAnswer> list(const model::schema::Collection& collection,
                                  const odata::BoundQuery& query, Deadline deadline) override;
    base::Result<void> for_each(const model::schema::Collection& collection,
                                const odata::BoundQuery& query,
                                const std::function<bool(std::string_view json)>& visit) override;
    base::Result<std::string> get_separate(const model::schema::Collection& collection,
                                           std::string_view id, std::string_view member,
                                           Deadline deadline) override;
    base::Result<void> write(const std::function<base::Result<void>(Transaction&)>& work,
                             Deadline deadline) override;
    base::Result<void> write_large(const std::function<base::Result<void>(Transaction&)>& work,
                                   Deadline deadline) override;
    sql::Database& database() override { return *database_; }

  private:
    // Without the members kept apart. kNotFound.
    base::Result<Item> find_item(sql::Connection& connection,
                                 const model::schema::Collection& collection, std::string_view id);
    sql::Database::Work in_transaction(const std::function<base::Result<void>(Transaction&)>& work);

    std::shared_ptr<sql::Database> database_;
    StoreOptions options_;
    CollectionSqlCache texts_;
};

}  // namespace vmsecurity::store
