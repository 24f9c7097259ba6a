#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace vmsecurity::store {

// The right to act as the one leader of something, for a time. `fencing` rises with each new holder
// of the name and never falls, so that a write that carries an old number is refused.
struct Lease {
    std::string name;
    std::string holder;
    std::int64_t fencing = 0;
    std::int64_t acquired_on = 0;  // nanoseconds since 1970, by the database's clock
    std::int64_t expires_on = 0;
    std::chrono::seconds time_to_live{};
};

// Takes a free or expired lease, or renews one that `holder` has; with `fencing` only renews the
// one of that number. kUnavailable: another has it (the message says who and until when), or the
// one to be renewed has expired.
base::Result<Lease> acquire_lease(Store& store, const std::string& name, const std::string& holder,
                                  std::chrono::seconds time_to_live, Deadline deadline,
                                  std::optional<std::int64_t> fencing = std::nullopt);
// Nothing happens if `holder` does not have it.
base::Result<void> release_lease(Store& store, const std::string& name, const std::string& holder,
                                 Deadline deadline);
// kNotFound: nobody has it.
base::Result<Lease> get_lease(Store& store, const std::string& name, Deadline deadline);
// kPermissionDenied if `fencing` is not the current number of an unexpired lease.
base::Result<void> check_fencing(Transaction& transaction, const std::string& name,
                                 std::int64_t fencing);

}  // namespace vmsecurity::store
