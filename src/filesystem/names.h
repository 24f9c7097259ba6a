#pragma once

#include <string_view>
#include <utility>

namespace vmsecurity::filesystem {

// Whether `name` can be an entry that list() reports: not empty, not "." or "..", no '/' or NUL.
inline bool is_entry_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." &&
           name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

// "a/b/c" is ("a/b", "c"); "c" is ("", "c").
inline std::pair<std::string_view, std::string_view> split_last(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {{}, path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace vmsecurity::filesystem
