#include "apiserver/audit/audit.h"

#include "apiserver/rules/fields.h"
#include "base/identifiers.h"
#include "model/api/tables.h"
#include "model/schema/json_pointer.h"

namespace vmsecurity::apiserver {

namespace {

using boost::json::object;
using boost::json::value;

constexpr std::size_t kMaxMembers = 50;

class Difference {
  public:
    explicit Difference(std::size_t limit) : limit_(limit) {}

    void compare(const object& before, const object& after) {
        for (const auto& member : after) {
            const auto step = pointer_.push(std::string_view(member.key()));
            const value* old = before.if_contains(member.key());
            if (old == nullptr) {
                note();
            } else if (old->is_object() && member.value().is_object()) {
                compare(old->get_object(), member.value().get_object());
            } else if (*old != member.value()) {
                note();
            }
        }
        for (const auto& member : before) {
            if (after.contains(member.key())) continue;
            const auto step = pointer_.push(std::string_view(member.key()));
            note();
        }
    }

    std::vector<std::string> take() { return std::move(found_); }

  private:
    void note() {
        if (found_.size() < limit_) found_.push_back(pointer_.text());
    }

    model::schema::JsonPointer pointer_;
    std::size_t limit_;
    std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> changed_members(const object& before, const object& after,
                                         std::size_t limit) {
    Difference difference(limit);
    difference.compare(before, after);
    return difference.take();
}

base::Result<void> record_audit(store::Transaction& transaction, const Call& call,
                                const AuditedChange& change) {
    object event;
    event["time"] = exact_time_text(std::chrono::system_clock::now());
    event["actor"] = call.principal.name;
    event["role"] = to_string(call.principal.role);
    event["operation"] = call.match.route->operation;
    if (call.match.route->collection != nullptr) {
        event["collection"] = call.match.route->collection->name;
    }
    event["objectID"] = change.object_id;
    event["objectRevision"] = change.revision;
    event["status"] = change.status;
    event["remoteAddress"] = call.request.remote_address;
    event["requestID"] = call.request.id;
    if (change.before != nullptr && change.after != nullptr) {
        boost::json::array members;
        for (const std::string& one : changed_members(*change.before, *change.after, kMaxMembers)) {
            members.emplace_back(one);
        }
        for (const std::string& one : change.members) members.emplace_back("/" + one);
        event["changes"] = std::move(members);
    }
    store::NewItem item;
    item.id = base::random_uuid();
    item.document = std::move(event);
    return transaction.insert(model::api::kAuditEventsCollection, std::move(item));
}

}  // namespace vmsecurity::apiserver
