#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apiserver/http/call.h"
#include "base/result.h"
#include "codec/json.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

struct AuditedChange {
    std::string object_id;
    std::int64_t revision = 0;
    int status = 200;  // of the answer
    const boost::json::object* before = nullptr;
    const boost::json::object* after = nullptr;
    std::vector<std::string> members = {};  // that changed beside those of the objects
};

// Notes who changed what, in the transaction of the change. Names of members are noted, values
// never.
base::Result<void> record_audit(store::Transaction& transaction, const Call& call,
                                const AuditedChange& change);

// JSON pointers of the members that differ, at most `limit`.
std::vector<std::string> changed_members(const boost::json::object& before,
                                         const boost::json::object& after, std::size_t limit);

}  // namespace vmsecurity::apiserver
