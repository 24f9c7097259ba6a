#include "store/page.h"

#include <algorithm>
#include <utility>

#include "odata/project/project.h"
#include "odata/project/slices.h"
#include "odata/sql/statements.h"
#include "sql/query.h"
#include "store/collection_hooks.h"
#include "store/findings/query_rules.h"
#include "store/groups.h"
#include "store/related.h"
#include "store/separate.h"

namespace vmsecurity::store {
namespace {

using odata::BoundQuery;

// Of members kept apart, unpacked, in one answer.
constexpr std::size_t kMaxSeparateBytes = 64 << 20;
constexpr std::uint64_t kNoLimit = INT64_MAX;

struct Rows {
    std::vector<std::string> documents;
    std::vector<std::string> tokens;  // of each row, or of the last one alone; empty without limit
    bool more = false;
};

odata::sql::Settings settings_for(sql::Connection& connection) {
    return {.dialect = connection.dialect(), .rules = finding_rules()};
}

bool is_grouped(const BoundQuery& query) {
    return query.apply && query.apply->grouped;
}

base::Result<std::int64_t> count_matches(sql::Connection& connection, const BoundQuery& query) {
    if (const CollectionHooks* hooks = hooks_of(*query.collection); hooks != nullptr) {
        VMSECURITY_ASSIGN(const auto known, hooks->count(connection, query));
        if (known) return *known;
    }
    VMSECURITY_ASSIGN(const sql::Statement statement,
                      odata::sql::count_statement(query, settings_for(connection)));
    VMSECURITY_ASSIGN(const auto count, sql::query_value<std::int64_t>(connection, statement.text,
                                                                       statement.parameters));
    return count.value_or(0);
}

// One row more than asked for tells whether there are more.
base::Result<Rows> read_rows(sql::Connection& connection, const BoundQuery& query, const Page& page,
                             bool every_token) {
    const std::uint64_t limit = std::min(page.limit.value_or(kNoLimit), kNoLimit);
    odata::sql::Settings settings = settings_for(connection);
    settings.skiptoken = page.skiptoken;
    if (limit < kNoLimit) settings.limit = limit + 1;
    VMSECURITY_ASSIGN(const sql::Statement statement, odata::sql::list_statement(query, settings));
    Rows rows;
    if (limit == 0) return rows;
    VMSECURITY_TRY(connection.query(statement, [&](const sql::Row& row) {
        if (rows.documents.size() == limit) {
            rows.more = true;
            return false;
        }
        rows.documents.emplace_back(row.text(1));
        if (every_token || rows.documents.size() == limit) {
            rows.tokens.push_back(odata::sql::make_skiptoken(query, row));
        }
        return true;
    }));
    return rows;
}

// True if the page had to end before the last row.
base::Result<bool> add_separate(sql::Connection& connection, const BoundQuery& query,
                                std::span<const std::string_view> members, Rows& rows) {
    std::vector<std::string> ids;
    for (const std::string& document : rows.documents) {
        ids.push_back(odata::unquoted(odata::find_member(document, "id")));
    }
    VMSECURITY_ASSIGN(const std::size_t done,
                      with_separate_members(connection, *query.collection, ids, members,
                                            rows.documents, kMaxSeparateBytes));
    if (done == rows.documents.size()) return false;
    rows.documents.resize(done);
    rows.tokens.resize(done);
    rows.more = true;
    return true;
}

base::Result<ListAnswer> read_groups(sql::Connection& connection, const BoundQuery& query,
                                     const Page& page) {
    odata::sql::Settings settings = settings_for(connection);
    settings.limit = page.limit;
    VMSECURITY_ASSIGN(const sql::Statement statement, odata::sql::apply_statement(query, settings));
    ListAnswer answer;
    VMSECURITY_TRY(connection.query(statement, [&](const sql::Row& row) {
        answer.items.push_back(group_text(query.apply->columns, row));
        return true;
    }));
    return answer;
}

base::Result<ListAnswer> read_objects(sql::Connection& connection, const BoundQuery& query,
                                      const Page& page) {
    const auto members = odata::separate_members(*query.collection, query.options);
    VMSECURITY_ASSIGN(Rows rows, read_rows(connection, query, page, !members.empty()));
    ListAnswer answer;
    if (!members.empty()) {
        VMSECURITY_ASSIGN(answer.page_limited, add_separate(connection, query, members, rows));
    }
    if (rows.more) answer.skiptoken = std::move(rows.tokens.back());
    SnapshotObjects related(connection);
    VMSECURITY_ASSIGN(answer.items, odata::project(*query.collection, query.options,
                                                   std::move(rows.documents), related));
    return answer;
}

}  // namespace

base::Result<ListAnswer> read_page(sql::Connection& connection, const BoundQuery& query,
                                   const Page& page) {
    VMSECURITY_ASSIGN(ListAnswer answer, is_grouped(query) ? read_groups(connection, query, page)
                                                           : read_objects(connection, query, page));
    if (!page.count) return answer;
    const bool whole = !page.limit && !page.skiptoken && !query.skiptoken &&
                       query.options.skip == 0 && !answer.skiptoken;
    if (whole) {
        answer.count = static_cast<std::int64_t>(answer.items.size());
    } else {
        VMSECURITY_ASSIGN(answer.count, count_matches(connection, query));
    }
    return answer;
}

}  // namespace vmsecurity::store
