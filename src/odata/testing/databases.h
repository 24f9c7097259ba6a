#pragma once

#include <memory>
#include <string>
#include <vector>

#include "odata/testing/objects.h"
#include "sql/database.h"
#include "sql/testing/temporary_folder.h"

namespace vmsecurity::odata::testing {

// The same objects in a database of each dialect that can be had here.
class Databases {
  public:
    struct One {
        ::vmsecurity::sql::Dialect dialect;
        std::string name;
        std::unique_ptr<::vmsecurity::sql::Database> database;

        base::Result<void> read(const ::vmsecurity::sql::Database::Work& work);
    };

    enum class Which : std::uint8_t { kSqlite, kAll };

    explicit Databases(const StoredObjects& objects, Which which = Which::kAll);

    std::vector<One>& all() { return all_; }
    // Why there is no PostgreSQL; empty if there is.
    const std::string& missing() const { return missing_; }

  private:
    ::vmsecurity::sql::testing::TemporaryFolder folder_;
    std::vector<One> all_;
    std::string missing_;
};

}  // namespace vmsecurity::odata::testing
