#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "codec/xml.h"

namespace vmsecurity::advisories {

// An element's name without its namespace prefix.
std::string_view local_name(const pugi::xml_node& node);
// The first child element of that local name; an empty node if there is none.
pugi::xml_node child_element(const pugi::xml_node& parent, std::string_view name);

// What has to hold of one package, all at once.
struct PackageCondition {
    std::string name;
    std::string at_least;  // empty: no lower bound
    std::string less_than;
    std::string at_most;
    std::string equal_to;
};

// Alternatives of conditions: "Debian 12 is installed and glibc is earlier than 2.2-1".
struct Conjunction {
    std::string release;  // "12"; empty: any
    std::vector<PackageCondition> packages;
};
using Alternatives = std::vector<Conjunction>;

// The tests, objects and states of a document by id, and what criteria over them mean.
class OvalCriteria {
  public:
    explicit OvalCriteria(const pugi::xml_node& document);

    // nullopt: uses something that Alternatives cannot express (negation, an unknown test, a
    // variable, more alternatives than any feed has).
    std::optional<Alternatives> resolve(const pugi::xml_node& criteria) const;

  private:
    std::optional<Alternatives> resolve(const pugi::xml_node& criteria, int depth) const;
    std::optional<Alternatives> resolve_test(std::string_view id) const;

    std::unordered_map<std::string_view, pugi::xml_node> by_id_;
};

}  // namespace vmsecurity::advisories
