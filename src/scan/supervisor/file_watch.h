#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace vmsecurity::scan {

// The files of an image that is read in place: whether they are still what they were when they were
// opened. A file that was replaced by another counts as changed, since losing its name changes its
// ctime.
class FileWatch {
  public:
    // Keeps a duplicate of `descriptor`. Anything but a regular file is refused: the times of a
    // directory or a device say nothing of what is in it.
    base::Result<void> add(int descriptor, const std::string& name);
    // kCorrupt: the size, a time or the number of names of a file has changed; says which file.
    base::Result<void> check() const;

  private:
    struct File {
        std::string name;
        base::FileDescriptor descriptor;
        struct stat status{};
    };
    std::vector<File> files_;
};

}  // namespace vmsecurity::scan
