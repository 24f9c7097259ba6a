#include "cli/scan/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/file_descriptor.h"

namespace vmsecurity::cli {
namespace {

constexpr unsigned kReadableByAll = 0644;  // less the user's umask

base::Result<void> write_directly(const std::string& path, const std::string& content) {
    VMSECURITY_ASSIGN(const auto file, base::open_file(path, O_WRONLY));
    return base::write_all(file.get(), base::as_bytes(content));
}

base::Result<void> replace_file(const std::string& path, const std::string& content) {
    const std::string temporary = path + ".part-" + std::to_string(::getpid());
    {
        auto file = base::open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, kReadableByAll);
        if (!file) {
            file.error().message = "cannot write " + path;
            return base::fail(std::move(file).error());
        }
        if (auto written = base::write_all(file->get(), base::as_bytes(content)); !written) {
            ::unlink(temporary.c_str());
            return written;
        }
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return base::fail(base::system_error(error, "cannot write " + path));
    }
    return {};
}

}  // namespace

base::Result<void> write_output(const std::string& path, const std::string& content) {
    if (path.empty() || path == "/dev/stdout") {
        return base::write_all(STDOUT_FILENO, base::as_bytes(content));
    }
    if (path == "/dev/stderr") return base::write_all(STDERR_FILENO, base::as_bytes(content));
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) {
        if (!S_ISREG(status.st_mode)) return write_directly(path, content);
        // A link stays a link: what it leads to is replaced.
        std::error_code error;
        const auto target = std::filesystem::canonical(path, error);
        if (error) return base::fail(base::system_error(error.value(), "cannot write " + path));
        return replace_file(target.string(), content);
    }
    return replace_file(path, content);
}

}  // namespace vmsecurity::cli
