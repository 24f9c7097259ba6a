#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "store/transfer/transfer.h"

namespace vmsecurity::store::transfer {
namespace {

base::Result<void> give_name(const base::FileDescriptor& file, const std::string& partial,
                             const std::string& path) {
    if (::fsync(file.get()) != 0) {
        return base::fail(base::system_error(errno, "cannot write the export to disk", path));
    }
    // link(2), not rename(2): it takes nobody's place.
    if (::link(partial.c_str(), path.c_str()) != 0) {
        return base::fail(base::system_error(errno, "cannot name the export", path));
    }
    VMSECURITY_ASSIGN(
        const auto folder,
        base::open_file(std::filesystem::absolute(path).parent_path(), O_RDONLY | O_DIRECTORY));
    if (::fsync(folder.get()) != 0) {
        return base::fail(base::system_error(errno, "cannot write the export to disk", path));
    }
    return {};
}

}  // namespace

base::Result<std::uint64_t> export_to_file(sql::Database& database, const std::string& path,
                                           const Progress& progress) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the file exists already", path);
    }
    const std::string partial = path + ".partial";
    std::filesystem::remove(partial, ignored);
    VMSECURITY_ASSIGN(const auto file, base::open_file(partial, O_WRONLY | O_CREAT | O_EXCL, 0600));
    auto rows = export_store(
        database,
        [&](std::string_view bytes) { return base::write_all(file.get(), base::as_bytes(bytes)); },
        progress);
    if (rows) {
        if (auto named = give_name(file, partial, path); !named) {
            rows = base::fail(std::move(named).error());
        }
    }
    std::filesystem::remove(partial, ignored);
    return rows;
}

base::Result<std::uint64_t> import_from_file(sql::Database& database, const std::string& path,
                                             const Progress& progress) {
    VMSECURITY_ASSIGN(const auto file, base::open_file(path, O_RDONLY));
    const auto source = [&](char* buffer, std::size_t size) -> base::Result<std::size_t> {
        for (;;) {
            const ssize_t count = ::read(file.get(), buffer, size);
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR) {
                return base::fail(base::system_error(errno, "cannot read the export", path));
            }
        }
    };
    return import_store(database, source, progress);
}

}  // namespace vmsecurity::store::transfer
