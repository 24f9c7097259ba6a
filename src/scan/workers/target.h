#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "disk/disk_image.h"
#include "filesystem/file_system.h"
#include "scan/protocol/messages.h"

namespace vmsecurity::scan::workers {

// A target with everything on it found out: which volumes there are, and which can be walked.
class Target {
  public:
    // A directory is one volume; an image or device is one for each partition, or one for the whole
    // disk. Fails only if the target itself cannot be opened; what is wrong with a part of it is in
    // description().coverage.
    static base::Result<Target> open(const protocol::OpenTarget& request,
                                     base::FileDescriptor descriptor,
                                     disk::SiblingOpener& siblings);

    const protocol::OpenedTarget& description() const { return description_; }
    // The file system of a walkable volume, else nullptr.
    const filesystem::FileSystem* file_system(std::uint32_t volume) const;

  private:
    void add_directory(std::unique_ptr<filesystem::FileSystem> file_system);
    base::Result<void> add_image(const disk::DiskImage& image);
    void add_volume(const std::string& name, const disk::BlockSourcePtr& blocks,
                    const std::string& partition_type);
    void note_if_nothing_can_be_walked();
    void note(model::CoverageScope scope, std::string name, model::CoverageState state,
              std::string reason);

    protocol::OpenedTarget description_;
    std::vector<std::unique_ptr<filesystem::FileSystem>> file_systems_;  // by volume, may be null
};

}  // namespace vmsecurity::scan::workers
