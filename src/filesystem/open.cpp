#include "filesystem/open.h"

namespace vmsecurity::filesystem {

base::Result<std::unique_ptr<FileSystem>> open_file_system(disk::BlockSourcePtr blocks,
                                                           const disk::Content& content) {
    if (content.kind == disk::ContentKind::kExt) return open_ext(std::move(blocks));
    return base::fail(
        base::ErrorCode::kUnsupported,
        "no reader for content of the kind \"" + std::string(disk::to_string(content.kind)) + "\"");
}

}  // namespace vmsecurity::filesystem
