#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "disk/block_source.h"

namespace vmsecurity::disk {

// Opens the files that an image refers to (a backing file). The sandboxed reader has no file system
// of its own, so the supervisor implements this and decides what may be opened.
class SiblingOpener {
  public:
    virtual ~SiblingOpener() = default;
    // `name` as the image states it, untrusted. The answer is a read-only descriptor of a regular
    // file inside the image's own directory, or the reason why not.
    virtual base::Result<base::FileDescriptor> open_sibling(std::string_view name) = 0;
};

// Opens siblings beneath `directory` (a directory's descriptor): no absolute path, no "..", no
// symbolic link that leaves it (openat2(2), RESOLVE_BENEATH).
base::Result<base::FileDescriptor> open_beneath(int directory, std::string_view name);

enum class ImageFormat { kRaw, kQcow2 };
std::string_view to_string(ImageFormat format);

struct DiskImage {
    BlockSourcePtr blocks;  // the guest's view
    ImageFormat format = ImageFormat::kRaw;
    std::vector<std::string> backing_chain;  // names as stated, nearest first; for the report
};

// `file` is a regular file or a block device. The format is told by its magic number. Formats that
// are known but not read yet (vmdk, vhd, vhdx, vdi) are kUnsupported by name.
base::Result<DiskImage> open_disk_image(base::FileDescriptor file, const std::string& name,
                                        SiblingOpener& siblings);

}  // namespace vmsecurity::disk
