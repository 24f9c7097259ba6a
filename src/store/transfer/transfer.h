#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

// All of a store in one file, that an empty store of either database takes: to move from SQLite to
// PostgreSQL and back, and to keep. Equal stores give equal files, byte for byte, whatever holds
// them.
//
// The file is NDJSON (one JSON text a line, each ended by \n) inside zstd:
//
//   {"format":"vmsecurity-store","version":1,"schema":4,"changes":6520}
//   {"table":"assets","columns":["id","revision","unique_key","document"]}
//   ["9f0c…",3,null,"{\"assetInfo\":…}"]
//   …                                          the other rows, and tables with theirs
//   {"rows":{"assets":1,…},"sha256":"5b1f…"}   the last line
//
// `version` is that of this format, `schema` the store's (store/migrations), `changes` the change
// feed's last id, behind which the new store's feed goes on. A row has its values in the order of
// the columns: text as it is stored, bytes as base64url. sha256 is that of all bytes before the
// last line.
//
// Leases and the change feed's events stay behind: holders acquire their lease anew, readers of the
// feed get `resync`. Counts and names of findings are made anew from the findings.
namespace vmsecurity::store::transfer {

inline constexpr std::int64_t kFormatVersion = 1;

// Told now and then: the table, and how many of its rows are done.
using Progress = std::function<void(std::string_view table, std::uint64_t rows)>;

// The answer is the number of rows. From one snapshot, so a running server does not disturb; on
// SQLite its log grows until the end. kUnsupported: the store is not of this program's schema.
base::Result<std::uint64_t> export_store(
    sql::Database& database, const std::function<base::Result<void>(std::string_view)>& sink,
    const Progress& progress);

// Brings the schema up to date first. No server may have the database open.
//
// kInvalidArgument: the store is not empty. kCorrupt, kTruncated: the file. kUnsupported: a newer
// program wrote it, or an import into this database is running or was not finished.
//
// Rows are written in many transactions, as one would hold a million rows' locks and log. So from
// the first to the last of them the database is blocked (sql::block_migrations): no program opens
// it, and only the last transaction, which makes the counts, lets it free. An import that fails
// empties the store and frees it. One that was killed leaves it blocked, to be made anew: what is
// in it is incomplete, and no later program can tell what it lacks.
base::Result<std::uint64_t> import_store(
    sql::Database& database,
    const std::function<base::Result<std::size_t>(char* buffer, std::size_t size)>& source,
    const Progress& progress);

// The same with files. An export gets its name when it is whole and on disk, is readable by its
// owner alone (it holds hashes of tokens), and takes no other file's place.
base::Result<std::uint64_t> export_to_file(sql::Database& database, const std::string& path,
                                           const Progress& progress);
base::Result<std::uint64_t> import_from_file(sql::Database& database, const std::string& path,
                                             const Progress& progress);

}  // namespace vmsecurity::store::transfer
