#include "apiserver/access/issue_token.h"

#include "apiserver/access/token.h"
#include "apiserver/rules/fields.h"
#include "apiserver/rules/rules.h"
#include "base/identifiers.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "store/token_hashes.h"

namespace vmsecurity::apiserver {

base::Result<void> issue_secret(store::Transaction& transaction, std::string_view token_id,
                                std::string& document) {
    const std::string secret = random_token();
    VMSECURITY_TRY(store::put_token_hash(transaction, token_id, token_hash(secret)));
    // The document is canonical: an object that is not empty.
    document.pop_back();
    document += ",\"secret\":\"" + secret + "\"}";
    return {};
}

base::Result<std::string> issue_first_token(store::Store& store, std::string_view name,
                                            store::Deadline deadline) {
    odata::QueryText text;
    text.filter = "role eq 'admin'";
    text.top = "1";
    VMSECURITY_ASSIGN(const odata::BoundQuery query,
                      odata::read_query(model::api::kTokensCollection, text, {}));
    VMSECURITY_ASSIGN(const store::ListAnswer existing,
                      store.list(model::api::kTokensCollection, query, deadline));
    if (!existing.items.empty()) return std::string{};
    std::string secret;
    VMSECURITY_TRY(store.write(
        [&](store::Transaction& transaction) -> base::Result<void> {
            secret = random_token();
            store::NewItem item;
            item.id = base::random_uuid();
            item.unique_key = std::string(name);
            item.document["name"] = name;
            item.document["role"] = "admin";
            item.document["createdOn"] = time_text(std::chrono::system_clock::now());
            const std::string id = item.id;
            VMSECURITY_TRY(transaction.insert(model::api::kTokensCollection, std::move(item)));
            return store::put_token_hash(transaction, id, token_hash(secret));
        },
        deadline));
    return secret;
}

}  // namespace vmsecurity::apiserver
