#include "families/sbom/python/distribution.h"

#include <algorithm>
#include <array>

namespace vmsecurity::families::sbom::python {
namespace {

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr std::array<std::string_view, 3> kSuffixes = {".dist-info", ".egg-info", ".egg"};
constexpr std::string_view kLeftoverMarks = "~.=%";

}  // namespace

PathFacts facts_of_path(std::string_view path) {
    // The innermost part of the path that has the form of a distribution's name.
    while (!path.empty()) {
        const std::size_t slash = path.rfind('/');
        std::string_view part = slash == std::string_view::npos ? path : path.substr(slash + 1);
        path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
        const auto suffix = std::ranges::find_if(
            kSuffixes, [&](std::string_view candidate) { return part.ends_with(candidate); });
        if (suffix == kSuffixes.end()) continue;

        part.remove_suffix(suffix->size());
        PathFacts facts;
        facts.leftover =
            !part.empty() && kLeftoverMarks.find(part.front()) != std::string_view::npos;
        // "Name-1.0", for eggs "Name-1.0-py3.11"; within name and version '-' is written '_'.
        const std::size_t dash = part.find('-');
        facts.name = part.substr(0, dash);
        if (dash != std::string_view::npos) {
            facts.version = part.substr(dash + 1);
            if (*suffix != ".dist-info") {
                facts.version = facts.version.substr(0, facts.version.find('-'));
            }
        }
        return facts;
    }
    return {};
}

bool is_project_name(std::string_view name) {
    return !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
           std::ranges::all_of(
               name, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace vmsecurity::families::sbom::python
