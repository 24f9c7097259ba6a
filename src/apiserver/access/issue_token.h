#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

// Makes the secret of a new token and puts it into `document`, the only place where it is ever
// shown.
base::Result<void> issue_secret(store::Transaction& transaction, std::string_view token_id,
                                std::string& document);

// Makes an admin's token called `name`, unless an admin's token exists; the answer is its text, or
// empty. For the first start of a server with access control.
base::Result<std::string> issue_first_token(store::Store& store, std::string_view name,
                                            store::Deadline deadline);

}  // namespace vmsecurity::apiserver
