#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apiserver/http/answer.h"
#include "base/result.h"
#include "codec/json.h"
#include "findings/family.h"
#include "net/server/handler.h"
#include "store/separate.h"

namespace vmsecurity::apiserver {

// One family's results (FamilyResults), checked and ready to be stored.
struct FamilyUpload {
    boost::json::object head;  // all but the items
    std::int64_t observed_on = 0;
    store::PackedJson as_sent;  // store/family_results.h
    store::PackedJson member;   // of the asset scan, as 0.6 clients read it
};

// Reads results as they arrive. What is in memory is the largest item, and all of them compressed.
// Nothing: `refusal` says what is wrong, and where.
std::optional<FamilyUpload> read_upload(const findings::Family& family, net::BodyReader& in,
                                        net::Response& refusal);

}  // namespace vmsecurity::apiserver
