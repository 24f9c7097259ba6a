// The cases of evaluate() on the databases, and how deep expressions may nest there.
#include <fstream>
#include <sstream>

#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/problem.h"
#include "odata/sql/statements.h"
#include "odata/testing/databases.h"

namespace vmsecurity::odata::sql {
namespace {

using testing::Databases;
using ::vmsecurity::sql::Connection;
using ::vmsecurity::sql::Row;
using ::vmsecurity::sql::Statement;

const Instant kNow{1'700'000'000'000'000'000};

base::Result<BoundQuery> query_of(const schema::Collection& collection, std::string_view filter) {
    QueryText text;
    text.filter = filter;
    return read_query(collection, text, {kNow});
}

base::Result<std::size_t> count(Databases::One& one, const Statement& statement) {
    std::size_t rows = 0;
    VMSECURITY_TRY(one.read([&](Connection& connection) {
        rows = 0;
        return connection.query(statement, [&](const Row&) {
            ++rows;
            return true;
        });
    }));
    return rows;
}

TEST(Conditions, AreWhatEvaluateSays) {
    std::ifstream file("../evaluate/testdata/conditions.json");
    std::stringstream text;
    text << file.rdbuf();
    const auto cases = codec::parse_json(text.str());
    ASSERT_TRUE(cases) << cases.error().describe();
    ASSERT_FALSE(cases->as_array().empty());
    for (const boost::json::value& value : cases->as_array()) {
        const boost::json::object& one = value.as_object();
        SCOPED_TRACE(codec::text_member(one, "name"));
        const auto& collection =
            *model::api::find_collection(codec::text_member(one, "collection"));
        testing::StoredObjects objects;
        objects.add(collection, one.at("document").as_object());
        const boost::json::value* related = one.if_contains("related");
        for (const auto& others :
             related == nullptr ? boost::json::object() : related->as_object()) {
            for (const auto& other : others.value().as_object()) {
                objects.add(*model::api::find_collection(others.key()), other.value().as_object());
            }
        }
        Databases databases(objects);
        for (const bool expected : {true, false}) {
            for (const boost::json::value& filter :
                 one.at(expected ? "true" : "false").as_array()) {
                const auto query = query_of(collection, filter.as_string());
                ASSERT_TRUE(query) << query.error().describe();
                for (Databases::One& database : databases.all()) {
                    const auto statement = match_statement(*query, {.dialect = database.dialect});
                    ASSERT_TRUE(statement) << statement.error().describe();
                    const auto rows = count(database, *statement);
                    ASSERT_TRUE(rows) << rows.error().describe() << '\n' << statement->text;
                    EXPECT_EQ(*rows, expected ? 1U : 0U) << database.name << ": " << filter;
                }
            }
        }
    }
}

struct Nesting {
    const char* start;  // once for each level
    const char* middle;
    const char* end;  // once for each level
    const char* behind;
    std::size_t fits;  // levels that the databases take at least
};

std::string nested(const Nesting& one, std::size_t levels) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += one.start;
    text += one.middle;
    for (std::size_t i = 0; i < levels; ++i) text += one.end;
    return text + one.behind;
}

// SQLite fails a statement beyond the depth of its parser; what is accepted has to run.
TEST(Conditions, NestAsDeepAsSqliteTakes) {
    const schema::Collection& collection = *model::api::find_collection("assets");
    testing::StoredObjects objects;
    objects.add(collection, {});
    Databases databases(objects);
    const Nesting kinds[] = {
        {"not (", "name eq 'a'", ")", "", 20},
        {"(name eq 'b' or (name eq 'c' and ", "name eq 'a'", "))", "", 8},
        {"(name eq 'b') eq (", "name eq 'a'", ")", "", 4},
        {"", "summary/totalMalware", " add 1", " eq 1", 20},
        {"1 sub (", "summary/totalMalware", ")", " gt 0", 18},
        {"-(", "summary/totalMalware", ")", " ne 0", 20},
        {"", "summary/totalMalware", " div 1.5", " lt 1", 4},
        {"tolower(", "assetInfo/location", ")", " eq ''", 10},
        {"concat('a',", "assetInfo/platform", ")", " eq ''", 10},
        {"substring(", "assetInfo/platform", ",1,2)", " eq ''", 4},
        {"concat(substring(", "assetInfo/platform", ",1),trim(name))", " eq ''", 3},
        {"annotations/any(a: ", "annotations/any()", ")", "", 3},
        {"annotations/all(a: not (", "annotations/any(b: b/key ne 'x')", "))", "", 3},
        {"(year(lastSeen) add (", "1", "))", " eq 2", 5},
    };
    for (const Nesting& one : kinds) {
        for (std::size_t levels = 1; levels < 100; ++levels) {
            const std::string filter = nested(one, levels);
            const auto query = query_of(collection, filter);
            if (!query) {
                EXPECT_TRUE(problem_of(query.error())) << query.error().describe();
                EXPECT_GT(levels, one.fits) << filter;
                continue;
            }
            for (Databases::One& database : databases.all()) {
                const auto statement = match_statement(*query, {.dialect = database.dialect});
                if (!statement) {
                    EXPECT_TRUE(problem_of(statement.error())) << statement.error().describe();
                    EXPECT_GT(levels, one.fits) << filter;
                    continue;
                }
                const auto rows = count(database, *statement);
                ASSERT_TRUE(rows) << database.name << ": " << filter << rows.error().describe();
            }
        }
    }
}

}  // namespace
}  // namespace vmsecurity::odata::sql
