#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scan/walk/walker.h"

namespace vmsecurity::scan::walk {

// One thread of the walk, with its own session and its own unfinished batch.
class Walker::Thread {
  public:
    Thread(Walker& walker, filesystem::Session& session);
    ~Thread();
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    // Looks up the paths that analyzers named whole, following links inside the root. Done before
    // the walk, which then leaves those files out.
    void read_exact_paths();
    void run();

  private:
    struct Hit {
        filesystem::Node node;
        std::vector<matching::Wish> wishes;
    };
    void visit(const PendingDirectory& directory);
    // Sorts one entry: a directory to push, a file somebody wants, or neither.
    void sort_entry(const PendingDirectory& directory, const matching::WantMatcher::Active& active,
                    const filesystem::DirectoryEntry& entry);
    void enter(const PendingDirectory& parent, filesystem::Node node);
    void read(const filesystem::Node& node, std::string_view wanted_path,
              const std::vector<matching::Wish>& wishes);
    void flush();
    void set_current(const std::string& path);

    Walker& walker_;
    filesystem::Session& session_;
    BatchWriter writer_;
    std::vector<PendingDirectory> found_directories_;
    std::vector<Hit> hits_;
};

}  // namespace vmsecurity::scan::walk
