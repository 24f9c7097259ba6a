#pragma once

#include <optional>
#include <string_view>

namespace vmsecurity::families::sbom::python {

// What the path of a metadata file says of its distribution. The names of the directories are
// fixed by "Recording installed projects" (dist-info) and setuptools (egg-info, egg).
struct PathFacts {
    std::string_view name;     // empty if the path does not say
    std::string_view version;  // empty if the path does not say
    // pip renames what it is about to replace to a name that no project has, with a leading '~', in
    // old versions also '.', '=' or '%' ("~ip-23.0.dist-info"); one that is left over can no longer
    // be imported, and pip list ignores it.
    bool leftover = false;
};
PathFacts facts_of_path(std::string_view path);

// As pip checks it: letters, digits, '.', '_' and '-', the first and last a letter or digit.
bool is_project_name(std::string_view name);

}  // namespace vmsecurity::families::sbom::python
