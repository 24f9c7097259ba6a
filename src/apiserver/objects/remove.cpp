#include "apiserver/objects/remove.h"

#include <fmt/format.h>

#include "apiserver/access/row_access.h"
#include "apiserver/audit/audit.h"
#include "apiserver/http/answer.h"
#include "apiserver/http/parameters.h"
#include "apiserver/objects/follow_up.h"
#include "apiserver/objects/precondition.h"
#include "apiserver/objects/transact.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

net::Response remove_object(const Call& call) {
    const auto if_match = read_if_match(call.request);
    if (!if_match) return refuse(if_match.error());
    const model::schema::Collection& collection = call.collection();
    net::Response response =
        transact(call, [&](store::Transaction& transaction) -> base::Result<net::Response> {
            VMSECURITY_ASSIGN(const auto found, transaction.find(collection, call.id()));
            if (auto refused = check_precondition(collection, call.id(), found, *if_match)) {
                return std::move(*refused);
            }
            VMSECURITY_ASSIGN(const boost::json::value before, codec::parse_json(found->document));
            if (const auto refusal =
                    refuse_write(collection, call.principal, &before.as_object(), nullptr)) {
                return refuse(*refusal);
            }
            VMSECURITY_TRY(transaction.remove(collection, call.id()));
            VMSECURITY_TRY(record_audit(transaction, call,
                                        {.object_id = std::string(call.id()),
                                         .revision = found->revision,
                                         .status = 200,
                                         .before = nullptr,
                                         .after = nullptr}));
            return message_answer(200,
                                  fmt::format("{} {} deleted", collection.singular, call.id()));
        });
    follow_up(call, response.status);
    return response;
}

}  // namespace vmsecurity::apiserver
