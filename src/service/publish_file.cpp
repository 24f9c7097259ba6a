#include "service/publish_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/file_descriptor.h"

namespace vmsecurity::service {

base::Result<void> publish_file(const std::string& path, std::string_view text, unsigned mode) {
    const std::string part = path + ".part";
    (void)::unlink(part.c_str());
    const base::FileDescriptor file(
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file.valid()) {
        return base::fail(base::system_error(errno, "cannot be written", part));
    }
    while (!text.empty()) {
        const ssize_t written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return base::fail(base::system_error(errno, "cannot be written", part));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::rename(part.c_str(), path.c_str()) != 0) {
        return base::fail(base::system_error(errno, "cannot be written", path));
    }
    return {};
}

}  // namespace vmsecurity::service
