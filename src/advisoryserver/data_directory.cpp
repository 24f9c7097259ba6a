#include "advisoryserver/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace vmsecurity::advisoryserver {

namespace {

base::Result<void> synchronise(const std::string& path, int flags) {
    VMSECURITY_ASSIGN(const auto file, base::open_file(path, O_RDONLY | flags));
    if (::fsync(file.get()) == 0) return {};
    return base::fail(base::system_error(errno, "cannot be written to disk", path));
}

}  // namespace

base::Result<DataDirectory> DataDirectory::open(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) {
        return base::fail(base::system_error(error.value(), "the directory cannot be made", path));
    }
    VMSECURITY_ASSIGN(auto lock, base::open_file(path + "/lock", O_RDWR | O_CREAT, 0600));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return base::fail(base::ErrorCode::kUnavailable, "another advisory server uses it", path);
    }
    DataDirectory directory(path, std::move(lock));
    VMSECURITY_TRY(directory.clear_building());
    return directory;
}

base::Result<void> DataDirectory::clear_building() const {
    std::error_code error;
    std::filesystem::remove_all(building(), error);
    if (!error) std::filesystem::create_directory(building(), error);
    if (!error) return {};
    return base::fail(base::system_error(error.value(), "cannot be emptied", building()));
}

base::Result<void> DataDirectory::publish() const {
    VMSECURITY_TRY(synchronise(candidate(), O_NOFOLLOW));
    if (::rename(candidate().c_str(), published().c_str()) != 0) {
        return base::fail(base::system_error(errno, "cannot be replaced", published()));
    }
    return synchronise(path_, O_DIRECTORY);
}

}  // namespace vmsecurity::advisoryserver
