#include <limits>

#include "sql/contract/test_support.h"

namespace vmsecurity::sql::contract {
namespace {

class ValuesTest : public DriverTest {
  protected:
    void SetUp() override {
        DriverTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        run(is_sqlite() ? "CREATE TABLE v (id bigint PRIMARY KEY, t text, i bigint, s smallint,"
                          " d double precision, f boolean, b blob)"
                        : "CREATE TABLE v (id bigint PRIMARY KEY, t text, i bigint, s smallint,"
                          " d double precision, f boolean, b bytea)");
    }

    // What comes back of `value` from `column`.
    template <typename T>
    std::optional<T> round_trip(const std::string& column, Value value) {
        std::optional<T> back;
        const auto result = write([&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(connection.execute("DELETE FROM v"));
            VMSECURITY_TRY(connection.execute("INSERT INTO v (id, " + column + ") VALUES ($1, $2)",
                                              bind(1, value)));
            VMSECURITY_ASSIGN(back, query_value<T>(connection, "SELECT " + column + " FROM v"));
            return {};
        });
        EXPECT_TRUE(result) << result.error().describe();
        return back;
    }
};
VMSECURITY_FOR_EACH_DRIVER(ValuesTest);

TEST_P(ValuesTest, TextComesBackAsItWas) {
    for (const std::string& text :
         {std::string(), std::string("O'Brien \"x\" \\ % _ $1 ?"), std::string("\n\t\x01\x7f"),
          std::string("żółw 漏洞 \U0001f512"), std::string(3'000'000, 'x')}) {
        EXPECT_EQ(round_trip<std::string>("t", text), text);
    }
}

TEST_P(ValuesTest, TextWithNulIsRefused) {
    const auto result = write([&](Connection& connection) -> base::Result<void> {
        VMSECURITY_TRY(connection.execute("INSERT INTO v (id, t) VALUES ($1, $2)",
                                          bind(1, std::string("a\0b", 3))));
        return {};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::kInvalidArgument);
}

TEST_P(ValuesTest, IntegersKeepTheirLimits) {
    using Limits = std::numeric_limits<std::int64_t>;
    for (const std::int64_t value :
         {Limits::min(), std::int64_t{-1}, std::int64_t{0}, Limits::max()}) {
        EXPECT_EQ(round_trip<std::int64_t>("i", value), value);
    }
    EXPECT_EQ(round_trip<std::int64_t>("s", std::int64_t{-32768}), -32768);
    EXPECT_EQ(round_trip<std::string>("i", Limits::min()), "-9223372036854775808");
}

TEST_P(ValuesTest, DoublesKeepEveryBit) {
    for (const double value : {0.1, -1.0 / 3, 5e-324, std::numeric_limits<double>::max()}) {
        EXPECT_EQ(round_trip<double>("d", value), value);
    }
}

TEST_P(ValuesTest, BlobsComeBackAsTheyWere) {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 7);
    EXPECT_EQ(round_trip<Blob>("b", Blob{bytes}), Blob{bytes});
    EXPECT_EQ(round_trip<Blob>("b", Blob{}), Blob{});
}

TEST_P(ValuesTest, BooleansAreBooleansAndNullIsNull) {
    EXPECT_EQ(round_trip<bool>("f", true), true);
    EXPECT_EQ(round_trip<bool>("f", false), false);
    for (const char* column : {"t", "i", "s", "d", "f", "b"}) {
        EXPECT_EQ(round_trip<std::string>(column, Value{}), std::nullopt) << column;
    }
    EXPECT_EQ(round_trip<std::string>("t", std::string()), "");
}

TEST_P(ValuesTest, ParametersGoByNumber) {
    std::string row_text;
    const auto result = write([&](Connection& connection) -> base::Result<void> {
        VMSECURITY_TRY(connection.query("SELECT $3::bigint, $1::text, $3::bigint, $2::text",
                                        bind("one", "two", 3), [&](const Row& row) {
                                            for (int i = 0; i < 4; ++i) {
                                                row_text += std::string(row.text(i)) + ",";
                                            }
                                            return true;
                                        }));
        return {};
    });
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(row_text, "3,one,3,two,");
}

TEST_P(ValuesTest, SumsAndAveragesAreNumbers) {
    run("INSERT INTO v (id, i) VALUES (1, 4000000000), (2, 4000000001), (3, -1)");
    double average = 0;
    std::int64_t sum = 0;
    ASSERT_TRUE(database().read(
        [&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(query_one(connection, "SELECT avg(i), sum(i) FROM v WHERE id < 3", {},
                                     [&](const Row& row) {
                                         average = row.real(0);
                                         sum = row.integer(1);
                                     }));
            return {};
        },
        soon()));
    EXPECT_EQ(average, 4000000000.5);
    EXPECT_EQ(sum, 8000000001);
    EXPECT_EQ(number("SELECT count(*) FROM v"), 3);
}

TEST_P(ValuesTest, InsertsManyRows) {
    constexpr std::size_t kRows = 20'000;
    const std::vector<std::string_view> columns{"id", "t", "s", "d", "f", "b"};
    const std::vector<std::string_view> types{"bigint",           "text",    "smallint",
                                              "double precision", "boolean", "bytea"};
    std::vector<std::vector<Value>> rows;
    for (std::size_t i = 0; i < kRows; ++i) {
        rows.push_back(bind(i, "a,\"{b}\\\tü" + std::to_string(i), i % 100,
                            static_cast<double>(i) / 2, i % 2 == 0,
                            Blob{std::string("\0\xff", 2)}));
    }
    rows[5] = bind(5, std::nullopt, std::nullopt, std::nullopt, std::nullopt, std::nullopt);
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    const auto result = write([&](Connection& connection) -> base::Result<void> {
        VMSECURITY_ASSIGN(first, connection.insert_rows("v", columns, types, rows));
        rows.push_back(bind(kRows, "new", 1, 1.0, true, Blob{}));
        VMSECURITY_ASSIGN(second,
                          connection.insert_rows("v", columns, types, rows, "(id) DO NOTHING"));
        return {};
    });
    ASSERT_TRUE(result) << result.error().describe();
    EXPECT_EQ(first, kRows);
    EXPECT_EQ(second, 1U);
    EXPECT_EQ(number("SELECT count(*) FROM v WHERE d = id / 2.0 AND s = id % 100"), kRows - 1);
    EXPECT_EQ(number("SELECT count(*) FROM v WHERE t IS NULL AND b IS NULL AND f IS NULL"), 1);
    std::optional<std::string> text;
    std::optional<Blob> blob;
    ASSERT_TRUE(database().read(
        [&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(query_one(connection, "SELECT t, b FROM v WHERE id = $1", bind(77),
                                     [&](const Row& row) {
                                         text = column<std::string>(row, 0);
                                         blob = column<Blob>(row, 1);
                                     }));
            return {};
        },
        soon()));
    EXPECT_EQ(text, "a,\"{b}\\\tü77");
    EXPECT_EQ(blob, (Blob{std::string("\0\xff", 2)}));
}

TEST_P(ValuesTest, InsertedRowsUpdateWhatIsThere) {
    run("INSERT INTO v (id, t) VALUES (1, 'old'), (2, 'old')");
    const std::vector<std::string_view> columns{"id", "t"};
    const std::vector<std::string_view> types{"bigint", "text"};
    const std::vector<std::vector<Value>> rows{bind(2, "new"), bind(3, "new")};
    ASSERT_TRUE(write([&](Connection& connection) -> base::Result<void> {
        VMSECURITY_ASSIGN(
            const auto changed,
            connection.insert_rows("v", columns, types, rows, "(id) DO UPDATE SET t = excluded.t"));
        EXPECT_EQ(changed, 2U);
        return {};
    }));
    EXPECT_EQ(number("SELECT count(*) FROM v WHERE t = 'new'"), 2);
}

TEST_P(ValuesTest, ExecuteCountsChangedRows) {
    run("INSERT INTO v (id) VALUES (1), (2), (3)");
    ASSERT_TRUE(write([&](Connection& connection) -> base::Result<void> {
        EXPECT_EQ(connection.execute("UPDATE v SET i = 1 WHERE id > $1", bind(1)).value_or(0), 2U);
        EXPECT_EQ(connection.execute("UPDATE v SET i = 1 WHERE id > $1", bind(9)).value_or(7), 0U);
        EXPECT_EQ(connection.execute("CREATE TABLE w (id bigint)").value_or(7), 0U);
        EXPECT_EQ(connection.execute("DELETE FROM v").value_or(0), 3U);
        return {};
    }));
}

TEST_P(ValuesTest, VisitorsStopEarly) {
    run("INSERT INTO v (id) VALUES (1), (2), (3)");
    std::vector<std::int64_t> seen;
    ASSERT_TRUE(database().read(
        [&](Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(
                connection.query("SELECT id FROM v ORDER BY id", {}, [&](const Row& row) {
                    seen.push_back(row.integer(0));
                    return seen.size() < 2;
                }));
            return connection.query("SELECT count(*) FROM v", {}, [&](const Row& row) {
                seen.push_back(row.integer(0));
                return true;
            });
        },
        soon()));
    EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_P(ValuesTest, VisitorsKeepOffTheirConnection) {
    run("INSERT INTO v (id) VALUES (1), (2), (3)");
    const auto result = database().read(
        [&](Connection& connection) -> base::Result<void> {
            return connection.query("SELECT id FROM v", {}, [&](const Row&) {
                EXPECT_FALSE(connection.execute("SELECT 1"));
                return true;
            });
        },
        soon());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, base::ErrorCode::kInternal);
    EXPECT_EQ(number("SELECT count(*) FROM v"), 3);
}

}  // namespace
}  // namespace vmsecurity::sql::contract
