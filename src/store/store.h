#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "model/schema/schema.h"
#include "odata/bound.h"
#include "sql/database.h"

// The objects of the API in a database: the same code over SQLite and PostgreSQL.
namespace vmsecurity::store {

using Deadline = std::chrono::steady_clock::time_point;

// A stored object. `document` is its canonical JSON (model/schema/canonical.h), without the members
// that the collection keeps apart (asset-scan results).
struct Item {
    std::string id;
    std::int64_t revision = 0;
    std::string document;
};

// What an insert or replacement stores. The document's "id", and "revision" where the collection
// has one, are set from the item. `unique_key` is what the type's uniqueness rule makes of the
// object; two objects of a collection never have the same one. Nothing: the rule does not apply.
struct NewItem {
    std::string id;
    std::int64_t revision = 1;
    std::optional<std::string> unique_key = std::nullopt;
    boost::json::object document = {};
};

enum class ChangeKind : std::uint8_t { kCreated, kUpdated, kDeleted };

// The work of one write, inside a database transaction. Each change is recorded for the change
// feed, but for those of read-only collections (audit events). Rules that must hold under
// concurrency (uniqueness, If-Match, state transitions) are checked here: find() locks the row
// until the transaction ends.
class Transaction {
  public:
    virtual ~Transaction() = default;

    virtual base::Result<std::optional<Item>> find(const model::schema::Collection& collection,
                                                   std::string_view id) = 0;
    virtual base::Result<std::optional<Item>> find_by_unique_key(
        const model::schema::Collection& collection, std::string_view unique_key) = 0;
    // kInvalidArgument with where "unique_key" when another object has the key (also one that a
    // concurrent transaction just inserted); find_by_unique_key then answers it, unless that object
    // was removed since. With where "id" when the id is taken.
    virtual base::Result<void> insert(const model::schema::Collection& collection,
                                      NewItem item) = 0;
    // As insert; kNotFound.
    virtual base::Result<void> replace(const model::schema::Collection& collection,
                                       NewItem item) = 0;
    // False: there was none.
    virtual base::Result<bool> remove(const model::schema::Collection& collection,
                                      std::string_view id) = 0;
    // remove() of history that nobody watches: no change is recorded.
    virtual base::Result<bool> remove_unrecorded(const model::schema::Collection& collection,
                                                 std::string_view id) = 0;

    // A member kept apart (Collection::separate), as canonical JSON; stored compressed. An empty
    // `json` removes it. insert() and replace() do this with such members of their document;
    // replace() keeps those that the document lacks.
    virtual base::Result<void> put_separate(const model::schema::Collection& collection,
                                            std::string_view id, std::string_view member,
                                            std::string_view json) = 0;

    // For the few parts of the store that have tables of their own (findings, leases, tokens).
    virtual sql::Connection& connection() = 0;
    virtual void record_change(std::string_view collection, std::string_view id, ChangeKind kind,
                               std::int64_t revision, std::string_view family = {}) = 0;
};

struct ListAnswer {
    std::vector<std::string> items;        // JSON texts, projected as $select and $expand say
    std::optional<std::int64_t> count;     // where $count=true
    std::optional<std::string> skiptoken;  // where there are more rows, also beyond $top
    bool page_limited = false;             // the page limit, not $top, ended the list
};

struct StoreOptions {
    std::int64_t page_limit =
        0;  // rows of a list whose query has no $top; 0: all, as 0.6 clients expect
};

class Store {
  public:
    // Brings the schema up to date first. Refuses (kUnsupported) a database of a newer program.
    static base::Result<std::unique_ptr<Store>> open(std::shared_ptr<sql::Database> database,
                                                     StoreOptions options = {});
    virtual ~Store() = default;

    // With the members kept apart, unless `without_separate`. kNotFound.
    virtual base::Result<Item> get(const model::schema::Collection& collection, std::string_view id,
                                   Deadline deadline, bool without_separate = false) = 0;
    // An item through $select and $expand. kNotFound.
    virtual base::Result<Item> get(const model::schema::Collection& collection, std::string_view id,
                                   const odata::BoundQuery& query, Deadline deadline) = 0;
    virtual base::Result<ListAnswer> list(const model::schema::Collection& collection,
                                          const odata::BoundQuery& query, Deadline deadline) = 0;
    // Every row of a list in chunks, so that neither memory nor a snapshot grows with it. `visit`
    // answers false to stop.
    virtual base::Result<void> for_each(
        const model::schema::Collection& collection, const odata::BoundQuery& query,
        const std::function<bool(std::string_view json)>& visit) = 0;
    // A member kept apart: canonical JSON. kNotFound.
    virtual base::Result<std::string> get_separate(const model::schema::Collection& collection,
                                                   std::string_view id, std::string_view member,
                                                   Deadline deadline) = 0;

    virtual base::Result<void> write(const std::function<base::Result<void>(Transaction&)>& work,
                                     Deadline deadline) = 0;
    // For work of more than some 10 ms: thousands of rows (sql::Database::write_large).
    virtual base::Result<void> write_large(
        const std::function<base::Result<void>(Transaction&)>& work, Deadline deadline) = 0;

    virtual sql::Database& database() = 0;
};

}  // namespace vmsecurity::store
