#pragma once

#include "odata/project/project.h"
#include "sql/connection.h"

namespace vmsecurity::store {

// The objects that $expand puts in, in the snapshot of the list: one statement for all of a call.
class SnapshotObjects final : public odata::RelatedObjects {
  public:
    explicit SnapshotObjects(sql::Connection& connection) : connection_(connection) {}

    base::Result<std::vector<std::optional<std::string>>> documents(
        const model::schema::Collection& collection, std::span<const std::string> ids) override;

  private:
    sql::Connection& connection_;
};

}  // namespace vmsecurity::store
