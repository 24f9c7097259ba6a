#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scan/matching/glob.h"

namespace vmsecurity::scan::matching {

// One analyzer's wish for one file.
struct Wish {
    std::uint32_t analyzer = 0;
    std::uint64_t prefix_bytes = 0;  // 0: the whole file
    bool operator==(const Wish&) const = default;
};

struct WantedPattern {
    std::string pattern;  // scan::Want::pattern
    Wish wish;
};

// Finds out, name by name during the walk, who wants a file. The directory half of every pattern is
// tried once for a directory; a name then meets only the patterns that can still match there.
class WantMatcher {
  public:
    static base::Result<WantMatcher> make(const std::vector<WantedPattern>& wanted);

    struct ExactPath {
        std::string path;
        std::vector<Wish> wishes;  // of every pattern, globs too, that matches the path
    };
    // The patterns without wildcards, one entry a path.
    const std::vector<ExactPath>& exact_paths() const { return exact_; }

    // The glob patterns whose directory half matches `directory`.
    class Active {
      public:
        bool empty() const { return patterns_.empty(); }
        // Who wants the file `name` there; at most one wish an analyzer (the one for more bytes).
        std::vector<Wish> wishes_for(std::string_view name) const;

      private:
        friend class WantMatcher;
        struct Candidate {
            std::string_view last_name;
            Wish wish;
        };
        std::vector<Candidate> patterns_;
    };
    Active active_in(std::string_view directory) const;

  private:
    struct Pattern {
        std::vector<std::string> directory;
        std::string last_name;
        Wish wish;
    };
    std::vector<Wish> glob_wishes(std::string_view path) const;

    std::vector<Pattern> globs_;
    std::vector<ExactPath> exact_;
};

}  // namespace vmsecurity::scan::matching
