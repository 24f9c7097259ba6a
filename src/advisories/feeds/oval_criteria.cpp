#include "advisories/feeds/oval_criteria.h"

#include <algorithm>

#include "base/text.h"

namespace vmsecurity::advisories {
namespace {

constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxAlternatives = 64;
constexpr std::size_t kMaxConditions = 16;

std::string_view attribute(const pugi::xml_node& node, const char* name) {
    return node.attribute(name).value();
}

// A bound given on both sides would need the order of versions to be merged; no feed has that.
bool merge_bound(std::string& into, const std::string& bound) {
    if (bound.empty()) return true;
    if (!into.empty() && into != bound) return false;
    into = bound;
    return true;
}

bool merge(Conjunction& into, const Conjunction& other) {
    if (!merge_bound(into.release, other.release)) return false;
    for (const PackageCondition& condition : other.packages) {
        const auto same = std::ranges::find(into.packages, condition.name, &PackageCondition::name);
        if (same == into.packages.end()) {
            if (into.packages.size() == kMaxConditions) return false;
            into.packages.push_back(condition);
        } else if (!merge_bound(same->at_least, condition.at_least) ||
                   !merge_bound(same->less_than, condition.less_than) ||
                   !merge_bound(same->at_most, condition.at_most) ||
                   !merge_bound(same->equal_to, condition.equal_to)) {
            return false;
        }
    }
    return true;
}

std::optional<Alternatives> both(const Alternatives& a, const Alternatives& b) {
    if (a.size() * b.size() > kMaxAlternatives) return std::nullopt;
    Alternatives result;
    for (const Conjunction& left : a) {
        for (const Conjunction& right : b) {
            result.push_back(left);
            if (!merge(result.back(), right)) return std::nullopt;
        }
    }
    return result;
}

std::optional<Alternatives> resolve_release(const pugi::xml_node& state) {
    const pugi::xml_node value = child_element(state, "subexpression");
    const std::string_view operation = attribute(value, "operation");
    const std::string_view release = base::trim(value.text().get());
    if ((!operation.empty() && operation != "equals") || !base::parse_unsigned(release)) {
        return std::nullopt;
    }
    return Alternatives{{std::string(release), {}}};
}

std::optional<Alternatives> resolve_package(const pugi::xml_node& object,
                                            const pugi::xml_node& state) {
    const pugi::xml_node name = child_element(object, "name");
    const std::string_view name_operation = attribute(name, "operation");
    PackageCondition condition;
    condition.name = base::trim(name.text().get());
    if (condition.name.empty() || (!name_operation.empty() && name_operation != "equals")) {
        return std::nullopt;
    }
    if (state) {
        const pugi::xml_node evr = child_element(state, "evr");
        const std::string_view operation = attribute(evr, "operation");
        std::string_view version = base::trim(evr.text().get());
        // OVAL spells every epoch out; Debian's own version strings leave 0 away.
        if (version.starts_with("0:")) version.remove_prefix(2);
        if (version.empty()) return std::nullopt;
        if (operation == "less than") {
            condition.less_than = version;
        } else if (operation == "less than or equal") {
            condition.at_most = version;
        } else if (operation == "greater than or equal") {
            condition.at_least = version;
        } else if (operation.empty() || operation == "equals") {
            condition.equal_to = version;
        } else {
            return std::nullopt;
        }
    }
    return Alternatives{{"", {std::move(condition)}}};
}

}  // namespace

std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const std::size_t colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node child_element(const pugi::xml_node& parent, std::string_view name) {
    return parent.find_child(
        [&](const pugi::xml_node& child) { return local_name(child) == name; });
}

OvalCriteria::OvalCriteria(const pugi::xml_node& document) {
    for (const char* section : {"tests", "objects", "states"}) {
        for (const pugi::xml_node& node : child_element(document, section)) {
            by_id_.emplace(attribute(node, "id"), node);
        }
    }
}

std::optional<Alternatives> OvalCriteria::resolve(const pugi::xml_node& criteria) const {
    return resolve(criteria, 0);
}

std::optional<Alternatives> OvalCriteria::resolve(const pugi::xml_node& criteria, int depth) const {
    if (depth > kMaxDepth || attribute(criteria, "negate") == "true") return std::nullopt;
    if (local_name(criteria) == "criterion") return resolve_test(attribute(criteria, "test_ref"));
    if (local_name(criteria) != "criteria") return std::nullopt;
    const std::string_view operation = attribute(criteria, "operator");
    const bool all = operation.empty() || operation == "AND";
    if (!all && operation != "OR") return std::nullopt;

    Alternatives result;
    if (all) result.emplace_back();
    for (const pugi::xml_node& child : criteria) {
        if (child.type() != pugi::node_element || local_name(child) == "notes") continue;
        std::optional<Alternatives> part = resolve(child, depth + 1);
        if (!part) return std::nullopt;
        if (all) {
            part = both(result, *part);
            if (!part) return std::nullopt;
            result = std::move(*part);
        } else {
            if (result.size() + part->size() > kMaxAlternatives) return std::nullopt;
            std::ranges::move(*part, std::back_inserter(result));
        }
    }
    return result;
}

std::optional<Alternatives> OvalCriteria::resolve_test(std::string_view id) const {
    const auto find = [&](std::string_view wanted) {
        const auto found = by_id_.find(wanted);
        return found == by_id_.end() ? pugi::xml_node() : found->second;
    };
    const pugi::xml_node test = find(id);
    const pugi::xml_node object = find(attribute(child_element(test, "object"), "object_ref"));
    const pugi::xml_node state_reference = child_element(test, "state");
    const pugi::xml_node state = find(attribute(state_reference, "state_ref"));
    if (!test || !object || (state_reference && !state)) return std::nullopt;

    const std::string_view kind = local_name(test);
    if (kind == "dpkginfo_test") return resolve_package(object, state);
    // Debian's "all architecture" test asks for uname without a state: it always holds.
    if (kind == "uname_test" && !state) return Alternatives(1);
    if (kind == "textfilecontent54_test" &&
        std::string_view(child_element(object, "filename").text().get()) == "debian_version") {
        return resolve_release(state);
    }
    return std::nullopt;
}

}  // namespace vmsecurity::advisories
