#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace vmsecurity::advisoryserver {

// What one advisory server keeps: DIRECTORY/advisories.vmadv, and DIRECTORY/building with what a
// build has not finished yet.
class DataDirectory {
  public:
    // Makes it, and locks it until the end of the process. kUnavailable: another server has it.
    static base::Result<DataDirectory> open(const std::string& path);

    std::string published() const { return path_ + "/advisories.vmadv"; }
    std::string candidate() const { return building() + "/advisories.vmadv"; }

    // An empty DIRECTORY/building, whatever an earlier build left there.
    base::Result<void> clear_building() const;
    // The candidate becomes the published file, at once and also through a power cut.
    base::Result<void> publish() const;

  private:
    DataDirectory(std::string path, base::FileDescriptor lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string building() const { return path_ + "/building"; }

    std::string path_;
    base::FileDescriptor lock_;
};

}  // namespace vmsecurity::advisoryserver
