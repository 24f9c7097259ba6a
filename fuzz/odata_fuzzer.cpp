#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/problem.h"
#include "odata/project/project.h"
#include "odata/sql/statements.h"
#include "odata/testing/databases.h"
#include "odata/testing/reference.h"

using namespace vmsecurity;
using namespace vmsecurity::odata;

namespace {

using vmsecurity::sql::Connection;
using vmsecurity::sql::Row;
using vmsecurity::sql::Statement;

const Instant kNow{1'700'000'000'123'456'789};

void require(bool holds) {
    if (!holds) std::abort();
}

// Fixed objects of a collection, in memory and in SQLite.
class World : public RelatedObjects {
  public:
    explicit World(const schema::Collection& collection)
        : objects_(collection, 12, 1), databases_(objects_, testing::Databases::Which::kSqlite) {}

    void check(const schema::Collection& collection, const QueryText& text);

    base::Result<std::vector<std::optional<std::string>>> documents(
        const schema::Collection& collection, std::span<const std::string> ids) override {
        std::vector<std::optional<std::string>> made;
        for (const std::string& id : ids) {
            const boost::json::value* found = objects_.find(collection, id);
            made.push_back(found == nullptr ? std::nullopt
                                            : std::optional(boost::json::serialize(*found)));
        }
        return made;
    }

  private:
    std::optional<std::vector<std::int64_t>> run(const base::Result<Statement>& statement);

    testing::RandomObjects objects_;
    testing::Databases databases_;
};

// The first column. What was refused, was refused with a position; what was not, runs.
std::optional<std::vector<std::int64_t>> World::run(const base::Result<Statement>& statement) {
    if (!statement) {
        require(problem_of(statement.error()).has_value());
        return std::nullopt;
    }
    std::vector<std::int64_t> made;
    const auto done = databases_.all().front().read([&](Connection& connection) {
        made.clear();
        return connection.query(*statement, [&](const Row& row) {
            made.push_back(row.integer(0));
            return true;
        });
    });
    require(done.has_value());
    return made;
}

void World::check(const schema::Collection& collection, const QueryText& text) {
    const auto query = read_query(collection, text, {kNow});
    if (!query) {
        require(problem_of(query.error()).has_value());
        return;
    }
    const odata::sql::Settings settings;
    if (query->apply && query->apply->grouped) {
        const auto groups = testing::reference_groups(*query, objects_);
        if (const auto count = run(odata::sql::count_statement(*query, settings))) {
            require(*count == std::vector{static_cast<std::int64_t>(groups.size())});
        }
        run(odata::sql::apply_statement(*query, settings));
        return;
    }
    std::vector<std::int64_t> expected = testing::reference_rows(*query, objects_);
    const auto list = run(odata::sql::list_statement(*query, settings));
    const bool whole = !query->options.top && query->options.skip == 0 && !query->skiptoken;
    if (list && whole) require(*list == expected);
    if (auto found = run(odata::sql::match_statement(*query, settings))) {
        std::ranges::sort(*found);
        std::ranges::sort(expected);
        require(*found == expected);
    }
    std::vector<std::string> rows;
    for (const testing::StoredObject& one : objects_.all()) rows.push_back(one.document);
    const auto projected = project(collection, query->options, rows, *this);
    if (!projected) return;
    for (const std::string& one : *projected) require(codec::parse_json(one).has_value());
}

}  // namespace

// The first line names a collection; each other one is a query option: "filter=name eq 'a'".
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::map<const schema::Collection*, std::unique_ptr<World>> worlds;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::vector<std::string_view> lines = base::split(input, '\n');
    const schema::Collection* collection = model::api::find_collection(lines.front());
    if (collection == nullptr) return 0;
    QueryText text;
    const std::map<std::string_view, std::optional<std::string_view>*> options = {
        {"filter", &text.filter}, {"orderby", &text.orderby}, {"select", &text.select},
        {"expand", &text.expand}, {"apply", &text.apply},     {"count", &text.count},
        {"top", &text.top},       {"skip", &text.skip},       {"skiptoken", &text.skiptoken}};
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::size_t equals = std::min(lines[i].find('='), lines[i].size());
        const auto option = options.find(lines[i].substr(0, equals));
        if (option != options.end() && equals < lines[i].size()) {
            *option->second = lines[i].substr(equals + 1);
        }
    }
    std::unique_ptr<World>& world = worlds[collection];
    if (!world) world = std::make_unique<World>(*collection);
    world->check(*collection, text);
    return 0;
}
