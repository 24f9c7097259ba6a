#include "apiserver/objects/write.h"

#include <fmt/format.h>

#include "apiserver/access/issue_token.h"
#include "apiserver/access/row_access.h"
#include "apiserver/audit/audit.h"
#include "apiserver/http/answer.h"
#include "apiserver/http/parameters.h"
#include "apiserver/objects/body.h"
#include "apiserver/objects/entity_tag.h"
#include "apiserver/objects/follow_up.h"
#include "apiserver/objects/precondition.h"
#include "apiserver/objects/separate_members.h"
#include "apiserver/objects/transact.h"
#include "apiserver/rules/fields.h"
#include "apiserver/rules/rules.h"
#include "base/identifiers.h"
#include "model/schema/canonical.h"
#include "model/schema/merge.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

namespace {

using boost::json::object;
using model::schema::Collection;
using model::schema::Mode;

// What the server keeps of an object that a client replaces.
void carry_read_only(const Collection& collection, const object& before, object& after) {
    for (const model::schema::Field& field : collection.schema->fields) {
        const auto* kept = before.if_contains(field.name);
        if (field.read_only && kept != nullptr) after[field.name] = *kept;
    }
}

void note_creation(const Collection& collection, const Call& call, const ObjectWrite& write) {
    const auto has = [&](std::string_view name) {
        const model::schema::Field* field = collection.schema->find(name);
        return field != nullptr && field->read_only;
    };
    if (has("createdOn")) (*write.after)["createdOn"] = time_text(write.now);
    if (has("createdBy")) (*write.after)["createdBy"] = call.principal.name;
    if (has("owner")) (*write.after)["owner"] = call.principal.name;
}

base::Result<object> parse_document(const store::Item& item) {
    VMSECURITY_ASSIGN(boost::json::value value, codec::parse_json(item.document));
    return std::move(value.as_object());
}

// An asset scan with its results, or one whose findings follow from them
// (store/asset_scan_hooks.h), keeps the database busy for long.
bool is_large(const Call& call, const object& body) {
    constexpr std::size_t kLargeBytes = 256U << 10U;
    return call.request.body.size() > kLargeBytes ||
           (!call.collection().separate.empty() &&
            text_at(body, {"status", "general", "state"}) == "Done");
}

net::Response transact_for(const Call& call, const object& body, const WriteWork& work) {
    return is_large(call, body) ? transact_large(call, work) : transact(call, work);
}

// Holds an object to its schema and rules, and stores it.
base::Result<net::Response> store_object(const Call& call, store::Transaction& transaction,
                                         ObjectWrite& write, const SeparateMembers& separate,
                                         std::string id, std::int64_t revision) {
    const Collection& collection = call.collection();
    if (auto refusal = refuse_write(collection, call.principal, write.before, write.after)) {
        return refuse(*refusal);
    }
    const TypeRules& rules = rules_of(collection.name);
    if (rules.check != nullptr) {
        auto checked = rules.check(write);
        if (!checked) return refuse(checked.error());
    }
    if (write.kind == WriteKind::kPatch) {
        const auto faults = model::schema::validate(*collection.schema, *write.after, Mode::kWhole);
        if (!faults.empty()) return refuse_faults(faults, "the patched object");
    }
    VMSECURITY_ASSIGN(auto changed_members,
                      separate.store(transaction, write.kind, id, *write.after));
    store::NewItem item;
    item.id = id;
    item.revision = revision;
    if (rules.unique_key != nullptr) item.unique_key = rules.unique_key(*write.after);
    item.document = *write.after;
    const std::optional<std::string> unique_key = item.unique_key;
    auto stored = write.kind == WriteKind::kCreate
                      ? transaction.insert(collection, std::move(item))
                      : transaction.replace(collection, std::move(item));
    if (!stored && stored.error().where == "unique_key" && unique_key) {
        VMSECURITY_ASSIGN(const auto existing,
                          transaction.find_by_unique_key(collection, *unique_key));
        if (!existing) {
            return base::fail(base::ErrorCode::kUnavailable,
                              "an object with the same name was removed just now; try again");
        }
        return conflict_answer(rules.conflict(*write.after), collection.singular,
                               existing->document);
    }
    VMSECURITY_TRY(std::move(stored));
    VMSECURITY_TRY(record_audit(transaction, call,
                                {.object_id = id,
                                 .revision = revision,
                                 .status = write.kind == WriteKind::kCreate ? 201 : 200,
                                 .before = write.before,
                                 .after = write.after,
                                 .members = std::move(changed_members)}));
    (*write.after)["id"] = id;
    if (collection.has_revision) (*write.after)["revision"] = revision;
    VMSECURITY_ASSIGN(const auto item_now, transaction.find(collection, id));
    if (!item_now) return base::fail(base::ErrorCode::kInternal, "what was written is not there");
    std::string document = item_now->document;
    if (write.kind == WriteKind::kCreate && collection.name == "tokens") {
        VMSECURITY_TRY(issue_secret(transaction, id, document));
    }
    const std::string tag = entity_tag(collection, *item_now);
    net::Response response =
        json_answer(write.kind == WriteKind::kCreate ? 201 : 200, std::move(document));
    response.headers.add("ETag", tag);
    if (write.kind == WriteKind::kCreate) {
        response.headers.add("Location", fmt::format("{}/{}", call.match.route->path, id));
    }
    return response;
}

net::Response after_write(const Call& call, net::Response response) {
    follow_up(call, response.status);
    return response;
}

Refusal other_id(const Call& call, const object& body) {
    return Refusal{.status = 400,
                   .message = fmt::format("the id in the body, '{}', is not the one in the path, "
                                          "'{}': the id of an object never changes",
                                          text_at(body, {"id"}), call.id()),
                   .code = "invalidBody",
                   .target = "/id",
                   .position = std::nullopt,
                   .details = {}};
}

// What a PUT or PATCH makes of an object.
object changed(const Collection& collection, WriteKind kind, const object& before,
               const object& body) {
    object after = kind == WriteKind::kReplace ? body : before;
    if (kind == WriteKind::kReplace) {
        carry_read_only(collection, before, after);
    } else {
        model::schema::merge_patch(*collection.schema, after, body);
    }
    return after;
}

net::Response change_object(const Call& call, WriteKind kind) {
    const Collection& collection = call.collection();
    net::Response refusal;
    const Mode mode = kind == WriteKind::kReplace ? Mode::kWhole : Mode::kPatch;
    auto body = read_body(call, *collection.schema, mode, refusal);
    if (!body) return refusal;
    if (body->contains("id") && text_at(*body, {"id"}) != call.id()) {
        return refuse(other_id(call, *body));
    }
    const auto if_match = read_if_match(call.request);
    if (!if_match) return refuse(if_match.error());
    const SeparateMembers separate = SeparateMembers::take(collection, *body);
    const object sent = *body;
    model::schema::drop_read_only(*collection.schema, *body);
    return after_write(
        call,
        transact_for(
            call, sent, [&](store::Transaction& transaction) -> base::Result<net::Response> {
                VMSECURITY_ASSIGN(const auto found, transaction.find(collection, call.id()));
                if (auto refused = check_precondition(collection, call.id(), found, *if_match)) {
                    return std::move(*refused);
                }
                VMSECURITY_ASSIGN(const object before, parse_document(*found));
                object after = changed(collection, kind, before, *body);
                ObjectWrite write{.kind = kind,
                                  .before = &before,
                                  .sent = &sent,
                                  .after = &after,
                                  .now = std::chrono::system_clock::now()};
                return store_object(call, transaction, write, separate, std::string(call.id()),
                                    found->revision + 1);
            }));
}

}  // namespace

net::Response create_object(const Call& call) {
    const Collection& collection = call.collection();
    net::Response refusal;
    auto body = read_body(call, *collection.schema, Mode::kWhole, refusal);
    if (!body) return refusal;
    if (body->contains("id")) {
        return refuse(
            Refusal{.status = 400,
                    .message = "the id of a new object is made by the server; leave it out",
                    .code = "invalidBody",
                    .target = "/id",
                    .position = std::nullopt,
                    .details = {}});
    }
    const SeparateMembers separate = SeparateMembers::take(collection, *body);
    const object sent = *body;
    model::schema::drop_read_only(*collection.schema, *body);
    return after_write(call, transact_for(call, sent, [&](store::Transaction& transaction) {
                           object after = *body;
                           ObjectWrite write{.kind = WriteKind::kCreate,
                                             .before = nullptr,
                                             .sent = &sent,
                                             .after = &after,
                                             .now = std::chrono::system_clock::now()};
                           note_creation(collection, call, write);
                           return store_object(call, transaction, write, separate,
                                               base::random_uuid(), 1);
                       }));
}

net::Response replace_object(const Call& call) {
    return change_object(call, WriteKind::kReplace);
}

net::Response patch_object(const Call& call) {
    return change_object(call, WriteKind::kPatch);
}

}  // namespace vmsecurity::apiserver
