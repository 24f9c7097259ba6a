#include "store/transaction.h"

#include <utility>

#include "sql/query.h"
#include "store/collection_hooks.h"
#include "store/row_values.h"
#include "store/separate.h"

namespace vmsecurity::store {
namespace {

using base::ErrorCode;
using base::fail;
using model::schema::Collection;
using sql::Value;

base::Error unique_key_error(const Collection& collection) {
    return {ErrorCode::kInvalidArgument,
            "Another object of " + std::string(collection.name) + " is the same by its unique key.",
            "unique_key",
            {}};
}

base::Error not_found(const Collection& collection, std::string_view id) {
    return {ErrorCode::kNotFound,
            "There is no " + std::string(collection.singular) + " " + std::string(id) + ".",
            {},
            {}};
}

}  // namespace

base::Result<std::optional<Item>> DatabaseTransaction::find_by(std::string_view text,
                                                               std::string_view value) {
    Item item;
    VMSECURITY_ASSIGN(const bool found,
                      sql::query_one(connection_, text, sql::bind(value), [&](const sql::Row& row) {
                          item = {std::string(row.text(0)), row.integer(1),
                                  std::string(row.text(2))};
                      }));
    if (!found) return std::nullopt;
    return item;
}

base::Result<std::optional<Item>> DatabaseTransaction::find(const Collection& collection,
                                                            std::string_view id) {
    return find_by(texts_.of(collection).find_locked, id);
}

base::Result<std::optional<Item>> DatabaseTransaction::find_by_unique_key(
    const Collection& collection, std::string_view unique_key) {
    return find_by(texts_.of(collection).find_by_key, unique_key);
}

base::Result<void> DatabaseTransaction::insert(const Collection& collection, NewItem item) {
    const CollectionHooks* hooks = hooks_of(collection);
    Item stored;
    if (hooks != nullptr && hooks->writes_rows()) {
        VMSECURITY_ASSIGN(stored, hooks->insert_row(*this, item));
    } else {
        VMSECURITY_ASSIGN(PreparedRow row, prepare_row(collection, std::move(item)));
        VMSECURITY_TRY(insert_row(collection, row));
        VMSECURITY_TRY(write_separate_members(row));
        stored = std::move(row.item);
    }
    if (hooks != nullptr) VMSECURITY_TRY(hooks->written(*this, nullptr, &stored));
    if (!collection.read_only) {
        record_change(collection.name, stored.id, ChangeKind::kCreated, stored.revision, {});
    }
    return {};
}

base::Result<void> DatabaseTransaction::insert_row(const Collection& collection,
                                                   const PreparedRow& row) {
    const CollectionSql& texts = texts_.of(collection);
    VMSECURITY_ASSIGN(const std::uint64_t changed, connection_.execute(texts.insert, row.values));
    if (changed > 0) return {};
    VMSECURITY_ASSIGN(
        const bool same_id,
        sql::query_one(connection_, texts.exists, sql::bind(row.item.id), [](const sql::Row&) {}));
    if (!same_id) return fail(unique_key_error(collection));
    return fail(ErrorCode::kInvalidArgument, "An object with this id is there already.", "id");
}

base::Result<void> DatabaseTransaction::write_separate_members(const PreparedRow& row) {
    for (const auto& [member, json] : row.separate) {
        VMSECURITY_TRY(write_separate(connection_, row.item.id, member, json));
    }
    return {};
}

base::Result<void> DatabaseTransaction::replace(const Collection& collection, NewItem item) {
    const CollectionHooks* hooks = hooks_of(collection);
    std::optional<Item> before;
    if (hooks != nullptr) {
        VMSECURITY_ASSIGN(before, find(collection, item.id));
        if (!before) return fail(not_found(collection, item.id));
    }
    Item stored;
    if (hooks != nullptr && hooks->writes_rows()) {
        VMSECURITY_ASSIGN(stored, hooks->replace_row(*this, item));
    } else {
        VMSECURITY_ASSIGN(PreparedRow row, prepare_row(collection, std::move(item)));
        VMSECURITY_TRY(replace_row(collection, row));
        VMSECURITY_TRY(write_separate_members(row));
        stored = std::move(row.item);
    }
    if (hooks != nullptr) VMSECURITY_TRY(hooks->written(*this, &*before, &stored));
    record_change(collection.name, stored.id, ChangeKind::kUpdated, stored.revision, {});
    return {};
}

base::Result<void> DatabaseTransaction::replace_row(const Collection& collection,
                                                    const PreparedRow& row) {
    const CollectionSql& texts = texts_.of(collection);
    VMSECURITY_ASSIGN(const std::uint64_t changed,
                      connection_.execute(texts.update_same_key, row.values));
    if (changed > 0) return {};
    VMSECURITY_ASSIGN(const std::uint64_t with_key, connection_.execute(texts.update, row.values));
    if (with_key > 0) return {};
    VMSECURITY_ASSIGN(
        const bool found,
        sql::query_one(connection_, texts.exists, sql::bind(row.item.id), [](const sql::Row&) {}));
    if (!found) return fail(not_found(collection, row.item.id));
    return fail(unique_key_error(collection));
}

base::Result<std::optional<Item>> DatabaseTransaction::take_out(const Collection& collection,
                                                                std::string_view id) {
    const CollectionSql& texts = texts_.of(collection);
    VMSECURITY_ASSIGN(std::optional<Item> before, find_by(texts.find_locked, id));
    if (!before) return before;
    const CollectionHooks* hooks = hooks_of(collection);
    if (hooks != nullptr && hooks->writes_rows()) {
        VMSECURITY_TRY(hooks->remove_row(*this, id));
    } else {
        VMSECURITY_TRY(connection_.execute(texts.remove, sql::bind(id)));
    }
    if (!collection.separate.empty()) VMSECURITY_TRY(remove_all_separate(connection_, id));
    if (hooks != nullptr) VMSECURITY_TRY(hooks->written(*this, &*before, nullptr));
    return before;
}

base::Result<bool> DatabaseTransaction::remove(const Collection& collection, std::string_view id) {
    VMSECURITY_ASSIGN(const std::optional<Item> before, take_out(collection, id));
    if (before) record_change(collection.name, id, ChangeKind::kDeleted, before->revision, {});
    return before.has_value();
}

base::Result<bool> DatabaseTransaction::remove_unrecorded(const Collection& collection,
                                                          std::string_view id) {
    VMSECURITY_ASSIGN(const std::optional<Item> before, take_out(collection, id));
    return before.has_value();
}

base::Result<void> DatabaseTransaction::put_separate(const Collection& collection,
                                                     std::string_view id, std::string_view member,
                                                     std::string_view json) {
    if (!is_separate(collection, member)) {
        return fail(ErrorCode::kInternal, "Not a member with rows of its own.",
                    std::string(member));
    }
    if (json.empty()) return remove_separate(connection_, id, member);
    return write_separate(connection_, id, member, json);
}

void DatabaseTransaction::record_change(std::string_view collection, std::string_view id,
                                        ChangeKind kind, std::int64_t revision,
                                        std::string_view family) {
    changes_.push_back({.id = 0,
                        .collection = std::string(collection),
                        .object_id = std::string(id),
                        .kind = kind,
                        .family = std::string(family),
                        .revision = revision,
                        .time = 0});
}

base::Result<void> DatabaseTransaction::finish() {
    return write_changes(connection_, changes_);
}

}  // namespace vmsecurity::store
