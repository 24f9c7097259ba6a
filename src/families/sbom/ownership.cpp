#include "families/sbom/ownership.h"

#include <algorithm>

#include "base/path_hash.h"

namespace vmsecurity::families::sbom {
namespace {

// "/usr/lib/" and "./usr/lib" -> "usr/lib"
std::string_view bare(std::string_view path) {
    while (path.starts_with('/') || path.starts_with("./")) {
        path.remove_prefix(path.starts_with('/') ? 1 : 2);
    }
    while (path.ends_with('/')) path.remove_suffix(1);
    return path;
}

bool is_below(std::string_view path, std::string_view directory) {
    return path.size() > directory.size() && path.starts_with(directory) &&
           path[directory.size()] == '/';
}

void add_renamed(std::vector<std::string>& names, std::string_view path, std::string_view from,
                 std::string_view to) {
    if (from.empty() || to.empty() || !is_below(path, from)) return;
    std::string renamed = std::string(to) + std::string(path.substr(from.size()));
    if (std::ranges::find(names, renamed) == names.end()) names.push_back(std::move(renamed));
}

}  // namespace

std::vector<std::string> names_through_links(std::string_view path,
                                             std::span<const RootLink> root_links) {
    std::vector<std::string> names = {std::string(path)};
    for (const RootLink& link : root_links) {
        add_renamed(names, path, bare(link.name), bare(link.target));
    }
    // From the real name back to those of all links to it. By index: the loop adds to the list.
    const std::size_t real_names = names.size();
    for (std::size_t i = 0; i < real_names; ++i) {
        for (const RootLink& link : root_links) {
            add_renamed(names, std::string(names[i]), bare(link.target), bare(link.name));
        }
    }
    return names;
}

void OwnerLookup::ask(std::size_t question, std::string_view path) {
    for (const std::string& name : names_through_links(path, root_links_)) {
        questions_.emplace(base::path_hash(name), question);
    }
}

void OwnerLookup::offer(std::size_t package, const std::vector<std::uint64_t>& paths) {
    if (questions_.empty()) return;
    for (const std::uint64_t hash : paths) {
        const auto [begin, end] = questions_.equal_range(hash);
        for (auto it = begin; it != end; ++it) {
            const auto [answer, added] = answers_.try_emplace(it->second, package);
            if (!added) answer->second = std::min(answer->second, package);
        }
    }
}

}  // namespace vmsecurity::families::sbom
