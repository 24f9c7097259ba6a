#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sql/database.h"

namespace vmsecurity::sql::sqlite {

struct Options {
    std::string path;  // created, readable by its owner alone, if it does not exist
    std::size_t readers = 4;
    // Anonymous memory: at most readers * reader_cache_kib + writer_cache_kib. Readers see most
    // pages through the mapped file, and keep private copies of those in the log only.
    std::int64_t reader_cache_kib = 4 * 1024;
    std::int64_t writer_cache_kib = 32 * 1024;
    std::int64_t mmap_bytes = std::int64_t{2} << 30;
    std::size_t statement_cache = 256;  // statements a connection
    // Reads alone, beside a server that has the database open; write() is refused.
    bool read_only = false;
    std::string vfs = {};  // tests only: the name of a registered sqlite3_vfs
};

// A SQLite file in WAL mode, synchronous=FULL. One process at a time opens it for writing
// (kUnavailable otherwise); a read-only one may stand beside it. Notifications stay in the process.
base::Result<std::unique_ptr<Database>> open(Options options);

}  // namespace vmsecurity::sql::sqlite
