// Compares three forms of the advisory file with the same records in each: ours, SQLite and LMDB.
//
//   advisory_formats build FEED... DIRECTORY     writes ours.adv, sqlite.db and lmdb.db there
//   advisory_formats read ours|ours-ranges|sqlite|lmdb DIRECTORY KEYS
//
// `read` opens one of them and looks up each line "ecosystem TAB package" of KEYS; run it in a new
// process for every measurement, so that opening counts.

#include <fmt/format.h>
#include <lmdb.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <vector>

#include "advisories/feeds/build.h"
#include "advisories/feeds/feed.h"
#include "advisories/feeds/file_writer.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "measure.h"

using namespace vmsecurity;
using advisories::Advisory;
using advisories::AffectedPackage;

namespace {

// SQLite and LMDB hold one value a (package, advisory): all its fields, so that a lookup gives what
// ours gives.
std::string encode(const Advisory& advisory, const AffectedPackage& affected) {
    base::ByteWriter out;
    const auto texts = [&](const std::vector<std::string>& values) {
        out.integer(static_cast<std::uint16_t>(values.size()));
        for (const std::string& value : values) out.text(value);
    };
    out.integer(static_cast<std::uint8_t>(advisory.rating.severity));
    for (const std::string* text :
         {&advisory.id, &advisory.summary, &advisory.published, &advisory.modified,
          &advisory.rating.cvss_vector, &affected.urgency}) {
        out.text(*text);
    }
    texts(advisory.aliases);
    texts(advisory.related);
    texts(advisory.urls);
    texts(affected.versions);
    out.integer(static_cast<std::uint16_t>(affected.ranges.size()));
    for (const auto& range : affected.ranges) {
        out.integer(static_cast<std::uint16_t>(range.events.size()));
        for (const auto& event : range.events) {
            out.integer(static_cast<std::uint8_t>(event.kind));
            out.text(event.version);
        }
    }
    return out.take();
}

std::size_t decode(std::string_view bytes) {
    base::ByteReader in(base::as_bytes(bytes));
    std::vector<std::string> kept;
    const auto texts = [&] {
        for (auto left = in.integer<std::uint16_t>(); left > 0; --left)
            kept.emplace_back(in.text());
    };
    in.integer<std::uint8_t>();
    for (int i = 0; i < 6; ++i) kept.emplace_back(in.text());
    for (int i = 0; i < 4; ++i) texts();
    for (auto ranges = in.integer<std::uint16_t>(); ranges > 0; --ranges) {
        for (auto events = in.integer<std::uint16_t>(); events > 0; --events) {
            in.integer<std::uint8_t>();
            kept.emplace_back(in.text());
        }
    }
    return in.complete() ? 1 : 0;
}

void check(int status, const char* what) {
    if (status == 0) return;
    fmt::print(stderr, "{} failed with {}\n", what, status);
    std::exit(1);
}

std::string key_of(std::string_view ecosystem, std::string_view package) {
    return std::string(ecosystem) + '\t' + std::string(package);
}

using Rows = std::map<std::string, std::vector<std::string>>;

void build_ours(const std::vector<Advisory>& advisories, const std::string& path) {
    advisories::FileWriter writer;
    for (const Advisory& advisory : advisories) check(writer.add(advisory, 0) ? 0 : 1, "add");
    advisories::DatabaseInfo info;
    info.sources.resize(1);
    const auto file = writer.finish(info);
    check(file && advisories::replace_file(path, *file) ? 0 : 1, "replace_file");
}

void build_sqlite(const Rows& rows, const std::string& path) {
    sqlite3* db = nullptr;
    check(sqlite3_open(path.c_str(), &db), "sqlite3_open");
    check(
        sqlite3_exec(db,
                     "PRAGMA journal_mode=OFF; PRAGMA page_size=4096; BEGIN;"
                     "CREATE TABLE advisory(key TEXT, n INTEGER, value BLOB, PRIMARY KEY(key, n)) "
                     "WITHOUT ROWID",
                     nullptr, nullptr, nullptr),
        "create");
    sqlite3_stmt* insert = nullptr;
    check(sqlite3_prepare_v2(db, "INSERT INTO advisory VALUES(?,?,?)", -1, &insert, nullptr),
          "prepare");
    for (const auto& [key, values] : rows) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            sqlite3_bind_text(insert, 1, key.data(), static_cast<int>(key.size()), nullptr);
            sqlite3_bind_int64(insert, 2, static_cast<sqlite3_int64>(i));
            sqlite3_bind_blob(insert, 3, values[i].data(), static_cast<int>(values[i].size()),
                              nullptr);
            check(sqlite3_step(insert) == SQLITE_DONE ? 0 : 1, "insert");
            sqlite3_reset(insert);
        }
    }
    sqlite3_finalize(insert);
    check(sqlite3_exec(db, "COMMIT; VACUUM", nullptr, nullptr, nullptr), "commit");
    sqlite3_close(db);
}

MDB_val value_of(std::string_view text) {
    // LMDB takes keys and values by void*, and does not write through it.
    return {text.size(), const_cast<char*>(text.data())};  // NOLINT(*-pro-type-const-cast)
}

void build_lmdb(const Rows& rows, const std::string& path) {
    MDB_env* env = nullptr;
    check(mdb_env_create(&env), "mdb_env_create");
    check(mdb_env_set_mapsize(env, std::size_t{4} << 30), "mapsize");
    check(mdb_env_open(env, path.c_str(), MDB_NOSUBDIR | MDB_NOSYNC, 0644), "mdb_env_open");
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env, nullptr, 0, &txn), "begin");
    MDB_dbi table = 0;
    check(mdb_dbi_open(txn, nullptr, 0, &table), "dbi_open");
    for (const auto& [key, values] : rows) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::string full = fmt::format("{}\t{:06}", key, i);
            MDB_val name = value_of(full);
            MDB_val data = value_of(values[i]);
            check(mdb_put(txn, table, &name, &data, MDB_APPEND), "put");
        }
    }
    check(mdb_txn_commit(txn), "commit");
    mdb_env_close(env);
}

int build(const std::vector<std::string>& feeds, const std::string& directory) {
    std::vector<Advisory> advisories;
    for (const std::string& feed : feeds) {
        advisories::FeedReport report([&](Advisory advisory) -> base::Result<void> {
            advisories.push_back(std::move(advisory));
            return {};
        });
        check(advisories::read_feed(feed, report) ? 0 : 1, feed.c_str());
    }
    Rows rows;
    for (const Advisory& advisory : advisories) {
        for (const AffectedPackage& affected : advisory.affected) {
            rows[key_of(affected.ecosystem, affected.name)].push_back(encode(advisory, affected));
        }
    }
    const auto report = [&](const char* name, const auto& make) {
        const std::string path = directory + "/" + name;
        std::filesystem::remove(path);
        const bench::Stopwatch watch;
        make(path);
        fmt::print("{:12} build {:7.0f} ms, {:8.1f} MiB\n", name, watch.milliseconds(),
                   static_cast<double>(std::filesystem::file_size(path)) / (1 << 20));
    };
    fmt::print("{} advisories, {} packages\n", advisories.size(), rows.size());
    report("ours.adv", [&](const std::string& path) { build_ours(advisories, path); });
    report("sqlite.db", [&](const std::string& path) { build_sqlite(rows, path); });
    report("lmdb.db", [&](const std::string& path) { build_lmdb(rows, path); });
    return 0;
}

// With `ranges_only` as a scan of an up-to-date machine does: everything is compared, nothing
// matches.
std::size_t read_ours(const std::string& path, const std::vector<std::string>& keys,
                      bool ranges_only) {
    const auto database = advisories::Database::open(path);
    check(database ? 0 : 1, "open");
    std::size_t found = 0;
    for (const std::string& key : keys) {
        const std::size_t tab = key.find('\t');
        const auto count = [&](const AffectedPackage&) {
            ++found;
            return !ranges_only;
        };
        const auto records = database->find(key.substr(0, tab), key.substr(tab + 1), count);
        check(records ? 0 : 1, "find");
    }
    return found;
}

std::size_t read_sqlite(const std::string& path, const std::vector<std::string>& keys) {
    sqlite3* db = nullptr;
    check(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr), "sqlite3_open");
    check(sqlite3_exec(db, "PRAGMA mmap_size=1073741824", nullptr, nullptr, nullptr), "mmap");
    sqlite3_stmt* select = nullptr;
    check(sqlite3_prepare_v2(db, "SELECT value FROM advisory WHERE key=?", -1, &select, nullptr),
          "prepare");
    std::size_t found = 0;
    for (const std::string& key : keys) {
        sqlite3_bind_text(select, 1, key.data(), static_cast<int>(key.size()), nullptr);
        while (sqlite3_step(select) == SQLITE_ROW) {
            found += decode({static_cast<const char*>(sqlite3_column_blob(select, 0)),
                             static_cast<std::size_t>(sqlite3_column_bytes(select, 0))});
        }
        sqlite3_reset(select);
    }
    sqlite3_finalize(select);
    sqlite3_close(db);
    return found;
}

std::size_t read_lmdb(const std::string& path, const std::vector<std::string>& keys) {
    MDB_env* env = nullptr;
    check(mdb_env_create(&env), "mdb_env_create");
    check(mdb_env_open(env, path.c_str(), MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0), "open");
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn), "begin");
    MDB_dbi table = 0;
    check(mdb_dbi_open(txn, nullptr, 0, &table), "dbi_open");
    MDB_cursor* cursor = nullptr;
    check(mdb_cursor_open(txn, table, &cursor), "cursor");
    std::size_t found = 0;
    for (const std::string& key : keys) {
        const std::string prefix = key + '\t';
        MDB_val name = value_of(prefix);
        MDB_val data{};
        int status = mdb_cursor_get(cursor, &name, &data, MDB_SET_RANGE);
        while (
            status == 0 &&
            std::string_view(static_cast<char*>(name.mv_data), name.mv_size).starts_with(prefix)) {
            found += decode({static_cast<char*>(data.mv_data), data.mv_size});
            status = mdb_cursor_get(cursor, &name, &data, MDB_NEXT);
        }
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    return found;
}

int read(const std::string& form, const std::string& directory, const std::string& key_file) {
    std::vector<std::string> keys;
    std::ifstream in(key_file);
    for (std::string line; std::getline(in, line);) keys.push_back(line);
    const std::uint64_t before = bench::anonymous_kib();
    const double cpu_before = bench::Stopwatch::cpu_milliseconds();
    const bench::Stopwatch watch;
    std::size_t found = 0;
    if (form.starts_with("ours")) {
        found = read_ours(directory + "/ours.adv", keys, form == "ours-ranges");
    } else if (form == "sqlite") {
        found = read_sqlite(directory + "/sqlite.db", keys);
    } else {
        found = read_lmdb(directory + "/lmdb.db", keys);
    }
    const double elapsed = watch.milliseconds();
    const double cpu = bench::Stopwatch::cpu_milliseconds() - cpu_before;
    fmt::print("{:11} {} lookups, {} records: {:.2f} ms, CPU {:.2f} ms, {} KiB anonymous\n", form,
               keys.size(), found, elapsed, cpu, bench::anonymous_kib() - before);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() >= 3 && arguments[0] == "build") {
        return build({arguments.begin() + 1, arguments.end() - 1}, arguments.back());
    }
    if (arguments.size() == 4 && arguments[0] == "read") {
        return read(arguments[1], arguments[2], arguments[3]);
    }
    fmt::print(stderr,
               "usage: advisory_formats build FEED... DIRECTORY | read FORM DIRECTORY KEYS\n");
    return 2;
}
