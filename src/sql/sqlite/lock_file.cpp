#include "sql/sqlite/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/bytes.h"

namespace vmsecurity::sql::sqlite {

base::Result<base::FileDescriptor> lock_database(const std::string& database_path) {
    const std::string path = database_path + ".lock";
    VMSECURITY_ASSIGN(auto file, base::open_file(path, O_RDWR | O_CREAT, 0600));
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        if (error != EWOULDBLOCK) {
            return base::fail(base::system_error(error, "cannot lock the database", path));
        }
        std::array<char, 32> holder{};
        const ssize_t size = ::pread(file.get(), holder.data(), holder.size(), 0);
        std::string_view id(holder.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        id = id.substr(0, id.find_first_not_of("0123456789"));
        return base::fail(base::ErrorCode::kUnavailable,
                          fmt::format("the SQLite database is in use by process {}; one API server "
                                      "can open it at a time, several need PostgreSQL",
                                      id.empty() ? "unknown" : id),
                          database_path);
    }
    // For the message above alone; a failure does not matter.
    const std::string id = fmt::format("{}\n", ::getpid());
    if (::ftruncate(file.get(), 0) == 0) {
        static_cast<void>(!base::write_all(file.get(), base::as_bytes(id)));
    }
    return file;
}

}  // namespace vmsecurity::sql::sqlite
