#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "families/sbom/records.h"
#include "families/sbom/sbom.h"

namespace vmsecurity::families::sbom {

// Every name that the file `path` (relative to the root) has through the links of the root, itself
// first: "usr/lib/x" is "lib/x" as well where lib is a link to usr/lib.
std::vector<std::string> names_through_links(std::string_view path,
                                             std::span<const RootLink> root_links);

// Finds which distribution package owns a file. A root has hundreds of thousands of owned paths and
// far fewer files that anybody asks about, so the questions are kept and the paths stream past.
class OwnerLookup {
  public:
    explicit OwnerLookup(std::span<const RootLink> root_links) : root_links_(root_links) {}

    // Asks for the owner of `path`; `question` is the caller's number for it.
    void ask(std::size_t question, std::string_view path);
    // `package` is an installed package that owns `paths`. With more than one (a file shared by
    // the architectures of one package) the least number wins, whatever the order of the calls.
    void offer(std::size_t package, const std::vector<std::uint64_t>& paths);

    // question -> package
    const std::unordered_map<std::size_t, std::size_t>& answers() const { return answers_; }

  private:
    std::span<const RootLink> root_links_;
    std::unordered_multimap<std::uint64_t, std::size_t> questions_;  // path hash -> question
    std::unordered_map<std::size_t, std::size_t> answers_;
};

}  // namespace vmsecurity::families::sbom
