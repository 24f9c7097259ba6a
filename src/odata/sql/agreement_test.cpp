// The SQL of both dialects and evaluate() give the same answers to random queries on random
// objects. VMSECURITY_TEST_ROUNDS: how many queries of each kind on each collection (else 100);
// VMSECURITY_TEST_SEED: where to start.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "model/api/tables.h"
#include "odata/bind.h"
#include "odata/problem.h"
#include "odata/sql/statements.h"
#include "odata/testing/databases.h"
#include "odata/testing/queries.h"
#include "odata/testing/reference.h"

namespace vmsecurity::odata::sql {
namespace {

using testing::Databases;
using testing::RandomObjects;
using testing::RandomQueries;
using ::vmsecurity::sql::Connection;
using ::vmsecurity::sql::Row;
using ::vmsecurity::sql::Statement;

const Instant kNow{1'700'000'000'123'456'789};
constexpr std::size_t kObjects = 60;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Agreement : public ::testing::TestWithParam<const char*> {
  protected:
    const schema::Collection& collection() { return *model::api::find_collection(GetParam()); }

    // Of a statement that could not be made: nothing if it is too deep for SQLite.
    static void expect_too_deep(const base::Error& error) {
        EXPECT_EQ(error.code, base::ErrorCode::kInvalidArgument) << error.describe();
    }

    std::optional<BoundQuery> bound(const QueryText& text) {
        ++asked_;
        auto query = read_query(collection(), text, {kNow});
        if (query) return std::move(*query);
        ++refused_;
        EXPECT_TRUE(problem_of(query.error())) << query.error().describe();
        last_refusal_ = query.error().describe();
        return std::nullopt;
    }

    void TearDown() override {
        EXPECT_LT(refused_ * 10, asked_) << "most queries shall bind; the last: " << last_refusal_;
        if (!databases_.missing().empty()) {
            GTEST_SKIP() << "SQLite alone: " << databases_.missing();
        }
    }

    std::uint64_t seed_ = setting("VMSECURITY_TEST_SEED", 1);
    std::uint64_t rounds_ = setting("VMSECURITY_TEST_ROUNDS", 100);
    RandomObjects objects_{collection(), kObjects, seed_};
    RandomQueries queries_{collection(), seed_ + 1};
    Databases databases_{objects_};
    std::size_t asked_ = 0;
    std::size_t refused_ = 0;
    std::string last_refusal_;
};

base::Result<std::vector<std::int64_t>> row_ids(Databases::One& one, const Statement& statement) {
    std::vector<std::int64_t> made;
    VMSECURITY_TRY(one.read([&](Connection& connection) {
        made.clear();
        return connection.query(statement, [&](const Row& row) {
            made.push_back(row.integer(0));
            return true;
        });
    }));
    return made;
}

// Rules as a store has them, which do not change what a query means.
class EqualRules {
  public:
    explicit EqualRules(const schema::Collection& collection) {
        for (const schema::HotColumn& column : collection.columns) {
            if (column.type != schema::ColumnType::kText) continue;
            texts_.push_back(fmt::format("d.{}", column.name));
            texts_.push_back(
                fmt::format("{{row}}.{0} IN (SELECT d.{0} FROM {1} AS d WHERE "
                            "{{match}})",
                            column.name, collection.table));
            texts_.push_back(
                fmt::format("{{row}}.row_id IN (SELECT d.row_id FROM {1} AS d WHERE "
                            "d.{0} IN ({{values}}))",
                            column.name, collection.table));
        }
        auto text = texts_.begin();
        for (const schema::HotColumn& column : collection.columns) {
            if (column.type != schema::ColumnType::kText) continue;
            dictionaries_.push_back({&collection, column.path, text[0], text[1]});
            relations_.push_back({&collection, column.path, text[2]});
            text += 3;
        }
    }
    Rules rules() const { return {relations_, dictionaries_}; }

  private:
    std::vector<std::string> texts_;
    std::vector<RelationRule> relations_;
    std::vector<DictionaryRule> dictionaries_;
};

TEST_P(Agreement, FiltersWithRules) {
    const EqualRules rules(collection());
    for (std::uint64_t round = 0; round < rounds_ && !HasFailure(); ++round) {
        const std::string filter = queries_.filter_of_columns();
        QueryText text;
        text.filter = filter;
        const auto query = bound(text);
        if (!query) continue;
        const auto expected = testing::reference_rows(*query, objects_);
        for (Databases::One& one : databases_.all()) {
            SCOPED_TRACE(one.name + ": " + filter);
            const auto statement =
                match_statement(*query, {.dialect = one.dialect, .rules = rules.rules()});
            if (!statement) {
                expect_too_deep(statement.error());
                continue;
            }
            auto found = row_ids(one, *statement);
            ASSERT_TRUE(found) << found.error().describe() << '\n' << statement->text;
            std::ranges::sort(*found);
            EXPECT_EQ(*found, expected) << statement->text;
        }
    }
}

TEST_P(Agreement, Filters) {
    for (std::uint64_t round = 0; round < rounds_ && !HasFailure(); ++round) {
        const std::string filter = queries_.filter();
        QueryText text;
        text.filter = filter;
        const auto query = bound(text);
        if (!query) continue;
        const auto expected = testing::reference_rows(*query, objects_);
        for (Databases::One& one : databases_.all()) {
            SCOPED_TRACE(one.name + ": " + filter);
            const auto statement = match_statement(*query, {.dialect = one.dialect});
            if (!statement) {
                expect_too_deep(statement.error());
                continue;
            }
            auto found = row_ids(one, *statement);
            ASSERT_TRUE(found) << found.error().describe() << '\n' << statement->text;
            std::ranges::sort(*found);
            EXPECT_EQ(*found, expected) << statement->text;
        }
    }
}

// Page by page, with the token of each page's last row.
base::Result<std::vector<std::int64_t>> paged(Databases::One& one, BoundQuery query,
                                              std::uint64_t page) {
    std::vector<std::int64_t> made;
    for (;;) {
        VMSECURITY_ASSIGN(const Statement statement,
                          list_statement(query, {.dialect = one.dialect, .limit = page}));
        std::uint64_t rows = 0;
        VMSECURITY_TRY(one.read([&](Connection& connection) {
            return connection.query(statement, [&](const Row& row) {
                made.push_back(row.integer(0));
                query.skiptoken = make_skiptoken(query, row);
                ++rows;
                return true;
            });
        }));
        if (rows < page || made.size() > kObjects) return made;
    }
}

TEST_P(Agreement, OrdersAndPages) {
    for (std::uint64_t round = 0; round < rounds_ && !HasFailure(); ++round) {
        const std::string orderby = queries_.orderby();
        const std::string filter = queries_.filter();
        QueryText text;
        text.orderby = orderby;
        if (round % 3 == 0) text.filter = filter;
        const auto query = bound(text);
        if (!query) continue;
        const auto expected = testing::reference_rows(*query, objects_);
        for (Databases::One& one : databases_.all()) {
            SCOPED_TRACE(one.name + ": " + orderby + (text.filter ? " of " + filter : ""));
            auto again = bound(text);  // a query does not copy
            const auto whole = list_statement(*query, {.dialect = one.dialect});
            if (!whole) {
                expect_too_deep(whole.error());
                continue;
            }
            const auto found = row_ids(one, *whole);
            ASSERT_TRUE(found) << found.error().describe() << '\n' << whole->text;
            EXPECT_EQ(*found, expected) << whole->text;
            const auto count = count_statement(*query, {.dialect = one.dialect});
            EXPECT_EQ(*row_ids(one, *count),
                      std::vector{static_cast<std::int64_t>(expected.size())});
            const auto pages = paged(one, std::move(*again), 7);
            if (!pages && problem_of(pages.error())) continue;  // deeper than the list itself
            ASSERT_TRUE(pages) << pages.error().describe();
            EXPECT_EQ(*pages, expected);
        }
    }
}

Constant read(const Row& row, int column, const ResultColumn& shape) {
    if (row.is_null(column)) return {};
    switch (shape.kind) {
        case ValueKind::kBoolean:
            return row.integer(column) != 0;
        case ValueKind::kReal:
            return row.real(column);
        case ValueKind::kTime:
            return Instant{row.integer(column)};
        case ValueKind::kText:
            if (shape.vocabulary && shape.vocabulary->ranked) return row.integer(column);
            return std::string(row.text(column));
        default:
            return row.integer(column);
    }
}

bool same(const std::vector<Constant>& found, const testing::ReferenceGroup& expected) {
    if (found.size() != expected.columns.size()) return false;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto* one = std::get_if<double>(&found[i]);
        const auto* other = std::get_if<double>(&expected.columns[i]);
        const bool close =
            one != nullptr && other != nullptr && std::abs(*one - *other) <= expected.slack[i];
        if (!close && found[i] != expected.columns[i]) return false;
    }
    return true;
}

std::string show(const std::vector<std::vector<Constant>>& rows) {
    std::string text;
    for (const std::vector<Constant>& row : rows) {
        for (const Constant& one : row) {
            text += std::visit(
                [](const auto& value) -> std::string {
                    using Value = std::decay_t<decltype(value)>;
                    if constexpr (std::is_same_v<Value, std::monostate>)
                        return "null";
                    else if constexpr (std::is_same_v<Value, std::string>)
                        return value;
                    else if constexpr (std::is_same_v<Value, Instant>)
                        return format_instant(value);
                    else
                        return std::to_string(value);
                },
                one);
            text += " | ";
        }
        text += '\n';
    }
    return text;
}

TEST_P(Agreement, Groups) {
    for (std::uint64_t round = 0; round < rounds_ && !HasFailure(); ++round) {
        const std::string apply = queries_.apply();
        QueryText text;
        text.apply = apply;
        const auto query = bound(text);
        if (!query) continue;
        const auto expected = testing::reference_groups(*query, objects_);
        for (Databases::One& one : databases_.all()) {
            SCOPED_TRACE(one.name + ": " + apply);
            const auto statement = apply_statement(*query, {.dialect = one.dialect});
            if (!statement) {
                expect_too_deep(statement.error());
                continue;
            }
            std::vector<std::vector<Constant>> found;
            const auto done = one.read([&](Connection& connection) {
                return connection.query(*statement, [&](const Row& row) {
                    std::vector<Constant>& made = found.emplace_back();
                    int column = 0;
                    for (const ResultColumn& shape : query->apply->columns) {
                        made.push_back(read(row, column++, shape));
                    }
                    return true;
                });
            });
            ASSERT_TRUE(done) << done.error().describe() << '\n' << statement->text;
            std::vector<std::vector<Constant>> wanted;
            for (const testing::ReferenceGroup& group : expected) wanted.push_back(group.columns);
            EXPECT_TRUE(std::ranges::equal(found, expected, same))
                << show(found) << "where this is expected:\n"
                << show(wanted) << statement->text;
            const auto count = count_statement(*query, {.dialect = one.dialect});
            EXPECT_EQ(*row_ids(one, *count),
                      std::vector{static_cast<std::int64_t>(expected.size())});
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Collections, Agreement,
                         ::testing::Values("findings", "assets", "assetScans", "scanEstimations"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace vmsecurity::odata::sql
