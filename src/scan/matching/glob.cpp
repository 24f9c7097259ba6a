#include "scan/matching/glob.h"

#include <algorithm>

#include "base/text.h"

namespace vmsecurity::scan::matching {
namespace {

constexpr std::string_view kAnyNames = "**";

bool has_wildcard(std::string_view name) {
    return name.find_first_of("*?") != std::string_view::npos;
}

}  // namespace

bool matches_name(std::string_view pattern, std::string_view name) {
    // The classic two-pointer match: on a mismatch give the last '*' one more byte.
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_name = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_name = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++star_name;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

base::Result<Glob> Glob::parse(std::string_view pattern) {
    const auto refuse = [&](const std::string& why) {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            "\"" + base::escape_bytes(pattern) + "\" is not a usable pattern: " + why);
    };
    if (pattern.empty()) return refuse("it is empty");
    if (pattern.front() == '/')
        return refuse("paths are relative to the root, leave out the first '/'");
    if (pattern.back() == '/') pattern.remove_suffix(1);
    Glob glob;
    glob.text_ = pattern;
    for (const std::string_view name : base::split(pattern, '/')) {
        if (name.empty()) return refuse("it has two '/' in a row");
        if (name == "." || name == "..") return refuse(R"("." and ".." have no meaning here)");
        if (name != kAnyNames && name.find(kAnyNames) != std::string_view::npos) {
            return refuse("\"**\" must stand alone between two '/'");
        }
        glob.names_.emplace_back(name);
    }
    return glob;
}

bool Glob::is_literal() const {
    return std::ranges::none_of(names_, has_wildcard);
}

bool Glob::matches(std::string_view path) const {
    return matches_path(names_, path);
}

bool matches_path(const std::vector<std::string>& pattern, std::string_view path) {
    std::vector<std::string_view> names;
    if (!path.empty()) names = base::split(path, '/');
    // As matches_name(), one level up: "**" is the star, a name is the letter.
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string::npos;
    std::size_t star_name = 0;
    while (n < names.size()) {
        if (p < pattern.size() && pattern[p] == kAnyNames) {
            star = p++;
            star_name = n;
        } else if (p < pattern.size() && matches_name(pattern[p], names[n])) {
            ++p;
            ++n;
        } else if (star != std::string::npos) {
            p = star + 1;
            n = ++star_name;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == kAnyNames) ++p;
    return p == pattern.size();
}

}  // namespace vmsecurity::scan::matching
