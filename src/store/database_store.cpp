#include "store/database_store.h"

#include <utility>

#include "sql/query.h"
#include "store/change_feed.h"
#include "store/migrations/migrations.h"
#include "store/separate.h"
#include "store/transaction.h"

namespace vmsecurity::store {
namespace {

using base::ErrorCode;
using base::fail;
using model::schema::Collection;

constexpr std::chrono::minutes kOpenTime{30};  // migrations of large databases take their time

base::Error not_found(const Collection& collection, std::string_view id) {
    return {
        ErrorCode::kNotFound,
        "There is no " + std::string(collection.singular) + " with the id " + std::string(id) + ".",
        {},
        {}};
}

}  // namespace

base::Result<std::unique_ptr<Store>> Store::open(std::shared_ptr<sql::Database> database,
                                                 StoreOptions options) {
    const Deadline deadline = std::chrono::steady_clock::now() + kOpenTime;
    VMSECURITY_TRY(sql::migrate(*database, migrations(database->dialect()), deadline));
    VMSECURITY_TRY(database->write(repair_change_feed, deadline));
    return std::make_unique<DatabaseStore>(std::move(database), options);
}

base::Result<Item> DatabaseStore::find_item(sql::Connection& connection,
                                            const Collection& collection, std::string_view id) {
    Item item;
    VMSECURITY_ASSIGN(const bool found, sql::query_one(connection, texts_.of(collection).find,
                                                       sql::bind(id), [&](const sql::Row& row) {
                                                           item = Item{std::string(row.text(0)),
                                                                       row.integer(1),
                                                                       std::string(row.text(2))};
                                                       }));
    if (!found) return fail(not_found(collection, id));
    return item;
}

base::Result<Item> DatabaseStore::get(const Collection& collection, std::string_view id,
                                      Deadline deadline, bool without_separate) {
    Item item;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        VMSECURITY_ASSIGN(item, find_item(connection, collection, id));
        if (without_separate) return {};
        VMSECURITY_ASSIGN(item.document,
                          with_separate(connection, collection, id, std::move(item.document)));
        return {};
    };
    VMSECURITY_TRY(database_->read(work, deadline));
    return item;
}

base::Result<std::string> DatabaseStore::get_separate(const Collection& collection,
                                                      std::string_view id, std::string_view member,
                                                      Deadline deadline) {
    if (!is_separate(collection, member)) {
        return fail(ErrorCode::kNotFound,
                    std::string(collection.name) + " keep no " + std::string(member) + " apart.");
    }
    std::optional<std::string> json;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        VMSECURITY_ASSIGN(json, read_separate(connection, id, member));
        return {};
    };
    VMSECURITY_TRY(database_->read(work, deadline));
    if (!json) return fail(not_found(collection, id));
    return *std::move(json);
}

namespace {

// A concurrent transaction took a unique key between a statement's look and its write: run again,
// the work sees that object.
bool lost_a_race(const base::Result<void>& done) {
    return !done && done.error().code == ErrorCode::kInvalidArgument &&
           done.error().where.starts_with("unique:");
}

}  // namespace

sql::Database::Work DatabaseStore::in_transaction(
    const std::function<base::Result<void>(Transaction&)>& work) {
    return [this, &work](sql::Connection& connection) -> base::Result<void> {
        DatabaseTransaction transaction(connection, texts_);
        VMSECURITY_TRY(work(transaction));
        return transaction.finish();
    };
}

base::Result<void> DatabaseStore::write(const std::function<base::Result<void>(Transaction&)>& work,
                                        Deadline deadline) {
    auto done = database_->write(in_transaction(work), deadline);
    if (lost_a_race(done)) done = database_->write(in_transaction(work), deadline);
    return done;
}

base::Result<void> DatabaseStore::write_large(
    const std::function<base::Result<void>(Transaction&)>& work, Deadline deadline) {
    auto done = database_->write_large(in_transaction(work), deadline);
    if (lost_a_race(done)) done = database_->write_large(in_transaction(work), deadline);
    return done;
}

}  // namespace vmsecurity::store
