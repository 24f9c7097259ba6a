#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::store {

// Settings that live in the database, as JSON texts by name; there are few ("retention").
base::Result<std::optional<std::string>> get_setting(Store& store, std::string_view name,
                                                     Deadline deadline);
base::Result<void> put_setting(Transaction& transaction, std::string_view name,
                               std::string_view json);

}  // namespace vmsecurity::store
