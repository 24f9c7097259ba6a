// The examples of docs/odata.md bind and run, and the databases agree about them.
#include <fstream>

#include "base/text.h"
#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/sql/statements.h"
#include "odata/testing/databases.h"
#include "odata/testing/reference.h"

namespace vmsecurity::odata::sql {
namespace {

using ::vmsecurity::sql::Connection;
using ::vmsecurity::sql::Row;
using ::vmsecurity::sql::Statement;

struct Example {
    std::string line;
    std::string collection;
    std::map<std::string, std::string> options;
};

std::vector<Example> examples() {
    std::vector<Example> made;
    std::ifstream file("../../../docs/odata.md");
    for (std::string line; std::getline(file, line);) {
        constexpr std::string_view kStart = "GET /";
        if (!line.starts_with(kStart)) continue;
        Example& one = made.emplace_back();
        one.line = line;
        const std::size_t query = line.find('?');
        one.collection = line.substr(kStart.size(), query - kStart.size());
        std::string rest = line.substr(query + 1);
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find("&$"), rest.size());
            const std::size_t equals = rest.find('=');
            one.options[rest.substr(0, equals)] = rest.substr(equals + 1, end - equals - 1);
            rest.erase(0, end + 1);
        }
    }
    return made;
}

QueryText text_of(const Example& example) {
    QueryText text;
    const std::map<std::string_view, std::optional<std::string_view>*> known = {
        {"$filter", &text.filter}, {"$orderby", &text.orderby}, {"$select", &text.select},
        {"$expand", &text.expand}, {"$apply", &text.apply},     {"$count", &text.count},
        {"$top", &text.top},       {"$skip", &text.skip}};
    for (const auto& [name, value] : example.options) *known.at(name) = value;
    return text;
}

class Documentation : public ::testing::Test {
  protected:
    struct World {
        explicit World(std::string_view name)
            : objects(*model::api::find_collection(name), 80, 3), databases(objects) {}
        testing::RandomObjects objects;
        testing::Databases databases;
    };

    static World& world(const std::string& collection) {
        static std::map<std::string, std::unique_ptr<World>> worlds;
        auto& one = worlds[collection];
        if (!one) one = std::make_unique<World>(collection);
        return *one;
    }

    static std::vector<std::int64_t> run(testing::Databases::One& one,
                                         const base::Result<Statement>& statement) {
        std::vector<std::int64_t> made;
        EXPECT_TRUE(statement) << statement.error().describe();
        if (!statement) return made;
        const auto done = one.read([&](Connection& connection) {
            made.clear();
            return connection.query(*statement, [&](const Row& row) {
                made.push_back(row.integer(0));
                return true;
            });
        });
        EXPECT_TRUE(done) << done.error().describe();
        return made;
    }
};

TEST_F(Documentation, ExamplesRun) {
    const std::vector<Example> all = examples();
    ASSERT_GT(all.size(), 25U);
    for (const Example& example : all) {
        SCOPED_TRACE(example.line);
        const auto* collection = model::api::find_collection(example.collection);
        ASSERT_NE(collection, nullptr);
        const auto query = read_query(*collection, text_of(example), {Instant{1'700'000'000}});
        ASSERT_TRUE(query) << query.error().describe();
        World& here = world(example.collection);
        for (testing::Databases::One& one : here.databases.all()) {
            const Settings settings{.dialect = one.dialect};
            const auto count = run(one, count_statement(*query, settings));
            if (query->apply && query->apply->grouped) {
                const auto groups = testing::reference_groups(*query, here.objects);
                EXPECT_EQ(count, std::vector{static_cast<std::int64_t>(groups.size())});
                run(one, apply_statement(*query, settings));
                continue;
            }
            auto rows = testing::reference_rows(*query, here.objects);
            EXPECT_EQ(count, std::vector{static_cast<std::int64_t>(rows.size())});
            rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                        rows.size(), query->options.skip)));
            rows.resize(std::min(rows.size(), query->options.top.value_or(rows.size())));
            EXPECT_EQ(run(one, list_statement(*query, settings)), rows);
        }
    }
}

}  // namespace
}  // namespace vmsecurity::odata::sql
