#include "filesystem/directory/file_reader.h"

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "filesystem/directory/tree.h"

namespace vmsecurity::filesystem::directory {

base::Result<std::size_t> DirectoryFileReader::read(std::uint64_t offset,
                                                    base::MutableByteSpan out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const std::uint64_t at = offset + done;
        if (at < offset || at > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) {
            break;
        }
        const ssize_t count =
            ::pread(file_.get(), out.data() + done, out.size() - done, static_cast<off_t>(at));
        if (count < 0) {
            if (errno == EINTR) continue;
            return base::fail(base::system_error(errno, "cannot read " + in_quotes(path_),
                                                 "offset " + std::to_string(at)));
        }
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

}  // namespace vmsecurity::filesystem::directory
