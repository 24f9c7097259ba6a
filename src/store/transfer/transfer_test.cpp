#include "store/transfer/transfer.h"

#include <set>

#include "findings/observed_finding.h"
#include "model/api/tables.h"
#include "sql/query.h"
#include "store/change_feed.h"
#include "store/collection_sql.h"
#include "store/findings_store.h"
#include "store/settings.h"
#include "store/token_hashes.h"
#include "store/transfer/row_text.h"
#include "store/transfer/tables.h"
#include "store/transfer/test_support.h"

namespace vmsecurity::store::transfer {
namespace {

using testing::json_object;
using testing::soon;

class StoreTransfer : public testing::StoreTest {
  protected:
    sql::Dialect other() const {
        return is_sqlite() ? sql::Dialect::kPostgres : sql::Dialect::kSqlite;
    }

    void observe(std::string_view asset_scan, std::int64_t time,
                 const std::vector<std::string>& packages) {
        write([&](Transaction& transaction) -> base::Result<void> {
            std::vector<findings::ObservedFinding> found;
            for (const std::string& name : packages) {
                VMSECURITY_ASSIGN(auto finding,
                                  findings::observe_result(
                                      findings::FindingType::kPackage,
                                      json_object(R"({"name":")" + name + R"(","version":"1"})")));
                found.push_back(std::move(finding));
            }
            const Observation observation{
                .asset_scan_id = std::string(asset_scan),
                .asset_id = "asset",
                .scan_id = "scan",
                .type = findings::FindingType::kPackage,
                .observed_on = time,
                .coverage = {{.scanner = {}, .location = {}, .finished = true}}};
            VMSECURITY_TRY(reconcile_findings(transaction, observation, found));
            return {};
        });
    }

    // Something of everything.
    void fill() {
        using namespace model::api;
        insert(kAssetsCollection, "asset",
               R"({"assetInfo":{"objectType":"VMInfo","instanceID":"i-1","location":"eü/\u0001"},)"
               R"("lastSeen":"2023-01-20T15:46:18.123Z","summary":{"totalPackages":7}})",
               "VMInfo/i-1");
        insert(kAssetsCollection, "another", R"({"terminatedOn":null})");
        insert(kScanConfigsCollection, "config", R"({"name":"nightly","disabled":true})",
               "nightly");
        insert(kScansCollection, "scan", R"({"name":"nightly"})");
        insert(kAssetScansCollection, "asset-scan",
               R"({"asset":{"id":"asset"},"findingsProcessed":true,"secrets":{"secrets":[)" +
                   many_secrets() + "]}}");
        observe("asset-scan", 1'700'000'000'000'000'000, {"bash", "curl"});
        observe("asset-scan-2", 1'700'000'100'000'000'000, {"bash", "openssl"});
        insert(
            kFindingsCollection, "finding",
            R"({"asset":{"id":"asset"},"enrichment":{"epssScore":1,"knownExploited":false},)"
            R"("findingInfo":{"objectType":"Vulnerability","vulnerabilityName":"CVE-2021-44228",)"
            R"("severity":"CRITICAL","package":{"name":"log4j","version":"2.14"}},)"
            R"("foundOn":"2021-12-10T00:00:00Z"})");
        insert(kSuppressionsCollection, "suppression",
               R"({"filter":"findingInfo/name eq 'bash'","reason":"known"})");
        insert(kUsersCollection, "user", R"({"name":"ann","role":"admin"})", "ann");
        insert(kTokensCollection, "token", R"({"name":"t","role":"viewer","userId":"user"})");
        insert(kAuditEventsCollection, "event", R"({"actor":"ann","operation":"create"})");
        write([](Transaction& transaction) -> base::Result<void> {
            VMSECURITY_TRY(put_token_hash(transaction, "token", "abc123"));
            return put_setting(transaction, "retention", R"({"scans":"P90D"})");
        });
        run("INSERT INTO leases VALUES ('leader', 'me', 3, 1, 2, 3)");
    }
    static std::string many_secrets() {
        std::string text;
        for (int i = 0; i < 100; ++i) {
            if (i > 0) text += ',';
            text += R"({"fingerprint":"f)" + std::to_string(i) + "\"}";
        }
        return text;
    }
};
VMSECURITY_STORE_SUITE(StoreTransfer);

// Each row of the collection with each of its columns, in the order of lists.
std::string shown(sql::Database& database, const model::schema::Collection& collection) {
    CollectionSqlCache texts(database.dialect());
    const CollectionSql& sql = texts.of(collection);
    std::vector<Column> columns;
    std::string names;
    for (std::size_t i = 0; i < sql.columns.size(); ++i) {
        if (i > 0) names += ", ";
        names += sql.columns[i];
        columns.push_back({sql.columns[i], sql.types[i]});
    }
    std::string lines;
    const auto done = database.read(
        [&](sql::Connection& connection) {
            return connection.query(
                "SELECT " + names + " FROM " + std::string(collection.table) + " ORDER BY row_id",
                {}, [&](const sql::Row& row) {
                    lines += row_text(row, columns).value_or("?") + '\n';
                    return true;
                });
        },
        soon());
    EXPECT_TRUE(done) << done.error().describe();
    return lines;
}

TEST_P(StoreTransfer, MovesEverythingAndComesBack) {
    fill();
    const std::string file = exported(database());
    const Place there = Place::make(other());
    const Place back = Place::make(GetParam());
    const auto moved = import(*there.database, file);
    ASSERT_TRUE(moved) << moved.error().describe();
    EXPECT_EQ(exported(*there.database), file);
    ASSERT_TRUE(import(*back.database, exported(*there.database)));
    EXPECT_EQ(exported(*back.database), file);

    for (const model::schema::Collection* collection : model::api::collections()) {
        const std::string here = shown(database(), *collection);
        // The counts are made anew: their rows stand in another order.
        if (collection->table == "finding_hours" || collection->table == "finding_impacts") {
            EXPECT_EQ(shown(*there.database, *collection).size(), here.size()) << collection->name;
            continue;
        }
        EXPECT_EQ(shown(*there.database, *collection), here) << collection->name;
    }

    const auto store = Store::open(there.database);
    ASSERT_TRUE(store) << store.error().describe();
    EXPECT_EQ((*store)
                  ->get_separate(model::api::kAssetScansCollection, "asset-scan", "secrets", soon())
                  .value_or(""),
              R"({"secrets":[)" + many_secrets() + "]}");
    EXPECT_EQ(find_token_by_hash(**store, "abc123", soon()).value(), "token");
    EXPECT_EQ(get_setting(**store, "retention", soon()).value(), R"({"scans":"P90D"})");
}

TEST_P(StoreTransfer, SaysWhatItHolds) {
    fill();
    const std::string text = plain(exported(database()));
    EXPECT_EQ(text.find(R"({"format":"vmsecurity-store","version":1,"schema":6,"changes":)"), 0U);
    EXPECT_NE(text.find(R"({"table":"users","columns":["id","revision","unique_key","document"]})"
                        "\n"
                        R"(["user",1,"ann","{\"id\":\"user\",\"name\":\"ann\",\"revision\":1,)"
                        R"(\"role\":\"admin\"}"])"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("leader"), std::string::npos);
}

TEST_P(StoreTransfer, KnowsEveryTable) {
    std::set<std::string, std::less<>> there;
    const auto done = database().read(
        [&](sql::Connection& connection) {
            return connection.query(
                is_sqlite() ? "SELECT name FROM sqlite_schema WHERE type = 'table' "
                              "AND name NOT LIKE 'sqlite_%'"
                            : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
                {}, [&](const sql::Row& row) {
                    there.emplace(row.text(0));
                    return true;
                });
        },
        soon());
    ASSERT_TRUE(done);
    std::set<std::string, std::less<>> known(tables_left_behind().begin(),
                                             tables_left_behind().end());
    for (const Table& table : tables()) known.emplace(table.name);
    EXPECT_EQ(there, known);
}

TEST_P(StoreTransfer, GoesOnInTheChangeFeed) {
    fill();
    const std::int64_t before = read_changes(store(), -1, 1, soon())->next;
    ASSERT_GT(before, 0);
    const Place there = Place::make(other());
    ASSERT_TRUE(import(*there.database, exported(database())));
    const auto moved = Store::open(there.database).value();
    EXPECT_TRUE(read_changes(*moved, before - 1, 10, soon())->resync);
    ASSERT_TRUE(moved->write(
        [](Transaction& transaction) {
            return transaction.insert(model::api::kAssetsCollection, {.id = "new"});
        },
        soon()));
    const auto after = read_changes(*moved, before, 10, soon());
    ASSERT_EQ(after->changes.size(), 1U);
    EXPECT_GT(after->changes.front().id, before);
}

TEST_P(StoreTransfer, RefusesAStoreThatIsNotEmpty) {
    const std::string file = exported(database());
    insert(model::api::kAssetsCollection, "a", "{}");
    const auto refused = import(database(), file);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidArgument);
    EXPECT_EQ(number("SELECT count(*) FROM assets"), 1);
    open_store();  // and it is as usable as before
}

TEST_P(StoreTransfer, RefusesADatabaseThatAServerUses) {
    if (is_sqlite()) GTEST_SKIP() << "a second program cannot open the file";
    const std::string file = exported(database());
    Place place = Place::make(GetParam());
    std::shared_ptr<sql::Database> server = place.made->open();
    ASSERT_TRUE(server);
    auto listening = server->listen("changes", [](std::string_view) {});
    ASSERT_TRUE(listening) << listening.error().describe();
    const auto refused = import(*place.database, file);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::kUnavailable);
    listening->reset();
    server.reset();
    EXPECT_TRUE(import(*place.database, file));
}

TEST_P(StoreTransfer, RefusesToExportWhatHasNoSchema) {
    const Place empty = Place::make(GetParam());
    const auto refused = export_store(
        *empty.database, [](std::string_view) { return base::Result<void>(); }, no_progress);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::kUnsupported);
}

// No server, of whatever version, takes a half for the whole.
TEST_P(StoreTransfer, BlocksTheDatabaseUntilItIsWhole) {
    std::vector<std::string> lines = {std::string(kHeader),
                                      R"({"table":"assets","columns":["document","id",)"
                                      R"("revision","unique_key"]})"};
    for (int i = 0; i < 9000; ++i) {
        const std::string id = testing::numbered("a", i);
        lines.push_back(R"(["{\"id\":\")" + id + R"(\",\"lastSeen\":\"2023-01-20T15:46:18Z\"}",")" +
                        id + R"(",2,null])");
    }
    int chunks = 0;
    const auto done = import(
        database(), file_of(lines, R"({"assets":9000})"),
        [&](std::string_view table, std::uint64_t rows) {
            ++chunks;
            EXPECT_EQ(table, "assets");
            EXPECT_EQ(number("SELECT count(*) FROM assets"), static_cast<std::int64_t>(rows));
            const auto opened = Store::open(database_);
            ASSERT_FALSE(opened);
            EXPECT_EQ(opened.error().code, base::ErrorCode::kUnsupported);
            EXPECT_NE(opened.error().message.find("was not finished"), std::string::npos);
            EXPECT_FALSE(import(database(), file_of({std::string(kHeader)}, "{}")));
        });
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(*done, 9000U);
    EXPECT_GT(chunks, 2);
    EXPECT_EQ(number("SELECT count(*) FROM assets WHERE last_seen = 1674229578000000000"), 9000);
    open_store();
}

TEST_P(StoreTransfer, LeavesNothingOfADamagedFile) {
    fill();
    const std::string file = exported(database());
    const Place there = Place::make(other());
    const auto is_refused = [&](const std::string& damaged, const std::string& what) {
        const auto result = import(*there.database, damaged);
        ASSERT_FALSE(result) << what;
        EXPECT_TRUE(result.error().code == base::ErrorCode::kCorrupt ||
                    result.error().code == base::ErrorCode::kTruncated ||
                    result.error().code == base::ErrorCode::kLimitExceeded ||
                    result.error().code == base::ErrorCode::kUnsupported)
            << what << ": " << result.error().describe();
    };
    for (std::size_t i = 0; i < 16; ++i) {
        const std::size_t size = file.size() * i / 16;
        is_refused(file.substr(0, size), "cut at " + std::to_string(size));
        std::string flipped = file;
        flipped[size] = static_cast<char>(flipped[size] ^ 0x10);
        is_refused(flipped, "flipped at " + std::to_string(size));
    }
    is_refused(file.substr(0, file.size() - 1), "without the last byte");
    is_refused(file + "x", "with a byte more");
    // Zstd is whole, and what is in it is not.
    const std::string text = plain(file);
    const auto packed = [](const std::string& changed) {
        return codec::compress_zstd(changed).value();
    };
    std::string changed = text;
    changed.replace(changed.find("curl"), 4, "core");
    is_refused(packed(changed), "another package");
    is_refused(packed(text.substr(0, text.rfind("\n{\"rows\"") + 1)), "no last line");
    is_refused(packed(text + text), "twice");
    // After all that, a whole one is taken.
    const auto done = import(*there.database, file);
    ASSERT_TRUE(done) << done.error().describe();
    EXPECT_EQ(exported(*there.database), file);
}

TEST_P(StoreTransfer, RefusesLinesThatSayWrongThings) {
    const std::string table = R"({"table":"token_hashes","columns":["hash","token_id"]})";
    const std::string collection =
        R"({"table":"assets","columns":["id","revision","unique_key","document"]})";
    const std::string header(kHeader);
    const std::vector<std::pair<std::vector<std::string>, std::string>> files = {
        {{R"({"format":"vmsecurity-store","version":2,"schema":6,"changes":0})"}, "{}"},
        {{R"({"format":"vmsecurity-store","version":1,"schema":1000,"changes":0})"}, "{}"},
        {{R"({"format":"other","version":1,"schema":1000,"changes":0})"}, "{}"},
        {{R"({"format":"vmsecurity-store","version":1,"schema":1000,"changes":-1})"}, "{}"},
        {{"[]"}, "{}"},
        {{header, R"(["a","b"])"}, "{}"},
        {{header, R"({"table":"leases","columns":["name"]})"}, R"({"leases":0})"},
        {{header, table, table}, R"({"token_hashes":0})"},
        {{header, R"({"table":"token_hashes","columns":["hash","hash"]})"},
         R"({"token_hashes":0})"},
        {{header, R"({"table":"assets","columns":["id"]})"}, R"({"assets":0})"},
        {{header, table, R"(["a"])"}, R"({"token_hashes":1})"},
        {{header, table, R"(["a",1])"}, R"({"token_hashes":1})"},
        {{header, table, R"(["a\u0000","b"])"}, R"({"token_hashes":1})"},
        {{header, table, R"(["a",null])"}, R"({"token_hashes":1})"},
        {{header, table, R"(["a","b"])", R"(["a","b"])"}, R"({"token_hashes":2})"},
        {{header, table, R"(["a","b"])"}, R"({"token_hashes":2})"},
        {{header, table, "7"}, R"({"token_hashes":0})"},
        {{header, collection, R"(["a",1,null,"[]"])"}, R"({"assets":1})"},
        {{header, collection, R"(["a",1,null,"{"])"}, R"({"assets":1})"},
        {{header, collection, R"(["a",1,null,null])"}, R"({"assets":1})"},
        {{header, collection, R"(["a",1.5,null,"{}"])"}, R"({"assets":1})"},
    };
    for (const auto& [lines, rows] : files) {
        const auto result = import(database(), file_of(lines, rows));
        ASSERT_FALSE(result) << lines.back();
        EXPECT_TRUE(result.error().code == base::ErrorCode::kCorrupt ||
                    result.error().code == base::ErrorCode::kUnsupported)
            << lines.back() << ": " << result.error().describe();
        EXPECT_EQ(number("SELECT count(*) FROM token_hashes"), 0);
        EXPECT_EQ(number("SELECT count(*) FROM schema_migrations"), 6);
    }
    ASSERT_TRUE(
        import(database(), file_of({header, table, R"(["a","b"])"}, R"({"token_hashes":1})")));
}

}  // namespace
}  // namespace vmsecurity::store::transfer
