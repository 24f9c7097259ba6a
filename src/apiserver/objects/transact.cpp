#include "apiserver/objects/transact.h"

#include "apiserver/http/answer.h"
#include "apiserver/http/parameters.h"
#include "store/leases.h"

namespace vmsecurity::apiserver {

namespace {

net::Response transact(const Call& call, const WriteWork& work, bool large) {
    const auto claim = read_lease_claim(call.request);
    if (!claim) return refuse(claim.error());
    net::Response response;
    const auto in_transaction = [&](store::Transaction& transaction) -> base::Result<void> {
        if (*claim) {
            auto held = store::check_fencing(transaction, (*claim)->name, (*claim)->fencing);
            if (!held && held.error().code == base::ErrorCode::kPermissionDenied) {
                response = refuse(Refusal{.status = 412,
                                          .message = held.error().message,
                                          .code = "leaseLost",
                                          .target = "X-Lease",
                                          .position = std::nullopt,
                                          .details = {}});
                return base::fail(base::ErrorCode::kOutOfScope, "refused");
            }
            VMSECURITY_TRY(std::move(held));
        }
        VMSECURITY_ASSIGN(response, work(transaction));
        if (response.status >= 400) return base::fail(base::ErrorCode::kOutOfScope, "refused");
        return {};
    };
    const auto done = large ? call.services.store.write_large(in_transaction, call.request.deadline)
                            : call.services.store.write(in_transaction, call.request.deadline);
    if (!done && done.error().code != base::ErrorCode::kOutOfScope) return refuse(done.error());
    return response;
}

}  // namespace

net::Response transact(const Call& call, const WriteWork& work) {
    return transact(call, work, false);
}

net::Response transact_large(const Call& call, const WriteWork& work) {
    return transact(call, work, true);
}

}  // namespace vmsecurity::apiserver
