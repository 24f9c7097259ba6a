#include "apiserver/objects/separate_members.h"

#include <algorithm>

#include "findings/coverage_entries.h"
#include "findings/family.h"
#include "model/schema/canonical.h"
#include "model/schema/merge.h"
#include "store/family_results.h"
#include "store/separate.h"

namespace vmsecurity::apiserver {

namespace {

using boost::json::object;
using boost::json::value;
using model::schema::Type;

// A patch that says every member of the object leaves nothing of what is stored.
bool says_everything(const Type& type, const value& patch) {
    const object* members = patch.if_object();
    if (type.schema == nullptr || members == nullptr) return true;
    return std::ranges::all_of(type.schema->fields, [&](const model::schema::Field& field) {
        return members->contains(field.name);
    });
}

// What is stored with the patch put in.
base::Result<value> merged(const model::schema::Collection& collection, std::string_view member,
                           const value& patch, const std::optional<std::string>& stored) {
    object whole;
    const Type& type = collection.schema->find(member)->type;
    if (stored && !says_everything(type, patch)) {
        VMSECURITY_ASSIGN(whole[member], codec::parse_json(*stored));
    }
    model::schema::merge_patch(*collection.schema, whole, object{{member, patch}});
    return std::move(whole[member]);
}

base::Result<void> note_coverage(store::Transaction& transaction, std::string_view id,
                                 object& after) {
    VMSECURITY_ASSIGN(const auto text,
                      store::read_separate(transaction.connection(), id, "coverage"));
    if (!text) {
        after.erase("coverageComplete");
        return {};
    }
    VMSECURITY_ASSIGN(const value entries, codec::parse_json(*text));
    if (entries.is_array()) {
        after["coverageComplete"] = findings::is_complete(entries.get_array());
    }
    return {};
}

}  // namespace

SeparateMembers SeparateMembers::take(const model::schema::Collection& collection, object& body) {
    SeparateMembers taken(collection);
    for (const std::string_view member : collection.separate) {
        const auto found = body.find(member);
        if (found == body.end()) continue;
        taken.members_.emplace_back(member, std::move(found->value()));
        body.erase(found);
    }
    return taken;
}

base::Result<std::vector<std::string>> SeparateMembers::store(store::Transaction& transaction,
                                                              WriteKind kind, std::string_view id,
                                                              object& after) const {
    std::vector<std::string> changed;
    for (const std::string_view member : collection_->separate) {
        VMSECURITY_ASSIGN(const bool is_changed, store_member(transaction, kind, id, member));
        if (!is_changed) continue;
        changed.emplace_back(member);
        if (const findings::Family* family = findings::find_family_by_member(member)) {
            VMSECURITY_TRY(store::forget_family_results(transaction.connection(), id, *family));
        }
        if (member == "coverage") VMSECURITY_TRY(note_coverage(transaction, id, after));
    }
    return changed;
}

base::Result<bool> SeparateMembers::store_member(store::Transaction& transaction, WriteKind kind,
                                                 std::string_view id,
                                                 std::string_view member) const {
    const value* sent = find(member);
    if (sent == nullptr && kind != WriteKind::kReplace) return false;
    std::optional<std::string> stored;
    if (kind != WriteKind::kCreate) {
        VMSECURITY_ASSIGN(stored, store::read_separate(transaction.connection(), id, member));
    }
    if (sent == nullptr || sent->is_null()) {
        if (!stored) return false;
        VMSECURITY_TRY(transaction.put_separate(*collection_, id, member, {}));
        return true;
    }
    const Type& type = collection_->schema->find(member)->type;
    std::string text;
    if (kind == WriteKind::kPatch) {
        VMSECURITY_ASSIGN(const value whole, merged(*collection_, member, *sent, stored));
        text = model::schema::canonical_text(type, whole);
    } else {
        text = model::schema::canonical_text(type, *sent);
    }
    if (stored == text) return false;
    VMSECURITY_TRY(transaction.put_separate(*collection_, id, member, text));
    return true;
}

const value* SeparateMembers::find(std::string_view member) const {
    const auto found =
        std::ranges::find(members_, member, [](const auto& one) { return one.first; });
    return found == members_.end() ? nullptr : &found->second;
}

}  // namespace vmsecurity::apiserver
