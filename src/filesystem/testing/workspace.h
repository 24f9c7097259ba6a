#pragma once

#include <string>
#include <vector>

namespace vmsecurity::filesystem::testing {

// A directory in the system's place for temporary files; goes, with all in it, when this goes.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

// Runs a program, also one in /usr/sbin, without a shell and with its output thrown away. The exit
// status; -1 if it could not be started.
int run_program(const std::vector<std::string>& arguments);

// `mke2fs OPTIONS -d tree image SIZE`; true on success. `size` as mke2fs takes it ("64M").
bool make_image(const std::string& image, const std::vector<std::string>& options,
                const std::string& tree, const std::string& size);

}  // namespace vmsecurity::filesystem::testing
