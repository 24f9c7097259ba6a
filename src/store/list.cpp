#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "odata/project/project.h"
#include "store/database_store.h"
#include "store/page.h"
#include "store/related.h"
#include "store/separate.h"

namespace vmsecurity::store {
namespace {

using model::schema::Collection;

constexpr std::uint64_t kChunkRows = 1000;
constexpr std::chrono::minutes kChunkTime{5};

bool is_grouped(const odata::BoundQuery& query) {
    return query.apply && query.apply->grouped;
}

}  // namespace

base::Result<Item> DatabaseStore::get(const Collection& collection, std::string_view id,
                                      const odata::BoundQuery& query, Deadline deadline) {
    Item item;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        VMSECURITY_ASSIGN(item, find_item(connection, collection, id));
        std::vector<std::string> documents = {std::move(item.document)};
        if (query.options.select.empty()) {
            VMSECURITY_ASSIGN(documents[0],
                              with_separate(connection, collection, id, std::move(documents[0])));
        } else if (const auto members = odata::separate_members(collection, query.options);
                   !members.empty()) {
            VMSECURITY_ASSIGN(documents[0], with_separate(connection, collection, id,
                                                          std::move(documents[0]), members));
        }
        SnapshotObjects related(connection);
        VMSECURITY_ASSIGN(documents,
                          odata::project(collection, query.options, std::move(documents), related));
        item.document = std::move(documents[0]);
        return {};
    };
    VMSECURITY_TRY(database_->read(work, deadline));
    return item;
}

base::Result<ListAnswer> DatabaseStore::list(const Collection& /*collection*/,
                                             const odata::BoundQuery& query, Deadline deadline) {
    Page page{.limit = query.options.top, .skiptoken = std::nullopt, .count = query.options.count};
    const bool page_limit = options_.page_limit > 0 && !page.limit && !is_grouped(query);
    if (page_limit) page.limit = static_cast<std::uint64_t>(options_.page_limit);
    ListAnswer answer;
    const auto work = [&](sql::Connection& connection) -> base::Result<void> {
        VMSECURITY_ASSIGN(answer, read_page(connection, query, page));
        return {};
    };
    VMSECURITY_TRY(database_->read(work, deadline));
    if (page_limit && answer.skiptoken) answer.page_limited = true;
    return answer;
}

// Each chunk is a snapshot of its own, and none is open while `visit` runs: the reader of an export
// may be slow, and an old snapshot keeps the databases from cleaning up.
base::Result<void> DatabaseStore::for_each(const Collection& /*collection*/,
                                           const odata::BoundQuery& query,
                                           const std::function<bool(std::string_view)>& visit) {
    std::optional<std::uint64_t> left = query.options.top;
    std::optional<std::string> skiptoken;
    do {
        Page page;
        if (skiptoken) page.skiptoken = *skiptoken;
        page.limit = is_grouped(query) ? left : std::min(left.value_or(kChunkRows), kChunkRows);
        ListAnswer answer;
        const auto work = [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_ASSIGN(answer, read_page(connection, query, page));
            return {};
        };
        VMSECURITY_TRY(database_->read(work, std::chrono::steady_clock::now() + kChunkTime));
        for (const std::string& item : answer.items) {
            if (!visit(item)) return {};
        }
        if (left) *left -= std::min<std::uint64_t>(*left, answer.items.size());
        skiptoken = std::move(answer.skiptoken);
    } while (skiptoken && left != 0);
    return {};
}

}  // namespace vmsecurity::store
