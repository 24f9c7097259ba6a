#include "families/vulnerabilities/version_order.h"

#include "versions/dpkg_version.h"
#include "versions/pep440_version.h"

namespace vmsecurity::families::vulnerabilities {
namespace {

class DpkgOrder final : public VersionOrder {
  public:
    std::string_view name() const override { return "dpkg"; }
    std::weak_ordering compare(std::string_view a, std::string_view b) const override {
        return versions::compare_dpkg(a, b);
    }
    // dpkg orders any text.
    bool knows(std::string_view) const override { return true; }
    // Debian's tracker writes 0 for "not affected"; versions below it ("0~...") are no reason to
    // read that as a range.
    bool is_never_affected(std::string_view fixed) const override {
        return fixed == "0" || fixed == "0:0";
    }
};

class Pep440Order final : public VersionOrder {
  public:
    std::string_view name() const override { return "PEP 440"; }
    std::weak_ordering compare(std::string_view a, std::string_view b) const override {
        return versions::compare_pep440(a, b);
    }
    bool knows(std::string_view version) const override {
        return versions::Pep440Version::parse(version).has_value();
    }
    std::weak_ordering compare_inclusive(std::string_view installed,
                                         std::string_view constraint) const override {
        const auto candidate = versions::Pep440Version::parse(installed);
        const auto bound = versions::Pep440Version::parse(constraint);
        if (candidate && bound && candidate->has_local() && !bound->has_local()) {
            return candidate->without_local() <=> *bound;
        }
        return compare(installed, constraint);
    }
    bool is_never_affected(std::string_view) const override { return false; }
};

}  // namespace

const VersionOrder& dpkg_order() {
    static const DpkgOrder order;
    return order;
}

const VersionOrder& pep440_order() {
    static const Pep440Order order;
    return order;
}

}  // namespace vmsecurity::families::vulnerabilities
