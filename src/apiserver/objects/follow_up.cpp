#include "apiserver/objects/follow_up.h"

#include <algorithm>

#include "apiserver/access/authenticator.h"
#include "base/log.h"
#include "store/settle_suppressions.h"

namespace vmsecurity::apiserver {

namespace {

// Findings follow their suppressions at once where that is quick; else the housekeeper goes on.
void settle(const Call& call) {
    constexpr std::chrono::seconds kPatience{5};
    const auto deadline =
        std::min(call.request.deadline, std::chrono::steady_clock::now() + kPatience);
    if (auto done = store::settle_suppressions(call.services.store, deadline); !done) {
        base::log::debug("suppressions: {}", done.error().describe());
    }
}

}  // namespace

void follow_up(const Call& call, int status) {
    const std::string_view name = call.collection().name;
    // They decide who may do what, from now on.
    if (name == "tokens" || name == "users") call.services.authenticator.forget();
    if (name == "suppressions" && status < 300) settle(call);
}

}  // namespace vmsecurity::apiserver
