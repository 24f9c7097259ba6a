#include "sql/sqlite/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/file_descriptor.h"

namespace vmsecurity::sql::sqlite {
namespace {

constexpr int kPagesPerStep = 1024;

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

base::Result<void> copy_pages(SqliteConnection& source, const std::string& path) {
    sqlite3* raw = nullptr;
    int code =
        sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    const Handle target(raw);
    if (code != SQLITE_OK) return base::fail(error_of(raw, code, "open the backup file"));
    // The file is synced as a whole before it gets its name.
    code = sqlite3_exec(raw, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", nullptr, nullptr,
                        nullptr);
    if (code != SQLITE_OK) return base::fail(error_of(raw, code, "prepare the backup file"));
    const std::unique_ptr<sqlite3_backup, FinishBackup> backup(
        sqlite3_backup_init(raw, "main", source.handle(), "main"));
    if (!backup) return base::fail(error_of(raw, sqlite3_errcode(raw), "start the backup"));
    do {
        code = sqlite3_backup_step(backup.get(), kPagesPerStep);
    } while (code == SQLITE_OK);
    if (code != SQLITE_DONE) return base::fail(error_of(nullptr, code, "copy the database"));
    return {};
}

base::Result<void> sync(const std::string& path) {
    VMSECURITY_ASSIGN(auto file, base::open_file(path, O_RDONLY));
    if (::fsync(file.get()) != 0) {
        return base::fail(base::system_error(errno, "cannot write the backup to disk", path));
    }
    return {};
}

base::Result<void> copy_and_sync(SqliteConnection& source, const std::string& path) {
    // One snapshot for all steps: a commit between two of them would start the copy anew.
    VMSECURITY_TRY(source.run("BEGIN"));
    VMSECURITY_TRY(
        source.query("SELECT count(*) FROM sqlite_schema", {}, [](const Row&) { return true; }));
    auto result = copy_pages(source, path);
    VMSECURITY_TRY(source.run("ROLLBACK"));
    VMSECURITY_TRY(std::move(result));
    return sync(path);
}

}  // namespace

base::Result<void> back_up(const ConnectionSettings& settings, const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the backup file exists already",
                          path);
    }
    VMSECURITY_ASSIGN(auto source, SqliteConnection::open(settings));
    source->set_deadline(SqliteConnection::Clock::time_point::max());
    const std::string partial = path + ".partial";
    std::filesystem::remove(partial, ignored);
    VMSECURITY_TRY(base::open_file(partial, O_RDWR | O_CREAT | O_EXCL, 0600));
    auto result = copy_and_sync(*source, partial);
    if (result && ::rename(partial.c_str(), path.c_str()) != 0) {
        result = base::fail(base::system_error(errno, "cannot name the backup", path));
    }
    if (!result) {
        std::filesystem::remove(partial, ignored);
        return result;
    }
    const auto folder = std::filesystem::absolute(path).parent_path();
    return sync(folder.string());
}

}  // namespace vmsecurity::sql::sqlite
