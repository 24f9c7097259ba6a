#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vmsecurity::scan::matching {

// True if `name` matches `pattern`, in which '*' stands for any run of bytes and '?' for one byte.
// Takes time linear in the product of the lengths at worst, no recursion.
bool matches_name(std::string_view pattern, std::string_view name);

// A pattern over whole paths relative to the root: names between '/', each as in matches_name();
// "**" as a whole name stands for any number of names, none included. "**/*.log", "var/cache/**",
// "home/*/tmp".
class Glob {
  public:
    // kInvalidArgument for an empty pattern, a leading '/', "." or "..", or "**" inside a name.
    static base::Result<Glob> parse(std::string_view pattern);

    bool matches(std::string_view path) const;

    const std::vector<std::string>& names() const { return names_; }
    // True if no name has a wildcard: the pattern is one path.
    bool is_literal() const;
    const std::string& text() const { return text_; }

  private:
    std::string text_;
    std::vector<std::string> names_;
};

// Matches the names of `path` (split at '/') against pattern names; used for whole paths and for
// their directories.
bool matches_path(const std::vector<std::string>& pattern, std::string_view path);

}  // namespace vmsecurity::scan::matching
