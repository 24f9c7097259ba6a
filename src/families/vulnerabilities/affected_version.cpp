#include "families/vulnerabilities/affected_version.h"

#include <algorithm>
#include <vector>

namespace vmsecurity::families::vulnerabilities {
namespace {

using advisories::EventKind;
using advisories::RangeEvent;
using advisories::VersionRange;

// Fixes that are tried. Real records of one vulnerability have a few dozen; each is compared with
// all ranges again, which a file made to harm must not be able to multiply.
constexpr std::size_t kMaxFixes = 256;

bool is_beginning(const RangeEvent& event) {
    return event.kind == EventKind::kIntroduced && event.version == "0";
}

// False if the range covers all versions there are.
bool is_bounded(const VersionRange& range) {
    bool begins = false;
    bool limited = false;
    bool unlimited = false;
    for (const RangeEvent& event : range.events) {
        begins = begins || is_beginning(event);
        if (event.kind == EventKind::kLimit) (event.version == "*" ? unlimited : limited) = true;
        if (event.kind == EventKind::kFixed || event.kind == EventKind::kLastAffected) return true;
    }
    return !begins || (limited && !unlimited);
}

// One interval of a range. Pointers into the range's events.
struct Interval {
    const RangeEvent* introduced = nullptr;
    const RangeEvent* end = nullptr;  // nullptr: open
};

std::vector<const RangeEvent*> sorted_events(const VersionRange& range, const VersionOrder& order) {
    std::vector<const RangeEvent*> events;
    for (const RangeEvent& event : range.events) {
        if (event.kind != EventKind::kLimit) events.push_back(&event);
    }
    // Of two events at one version the later in the record decides, hence the addresses; only
    // last_affected always comes after introduced, or a single affected version would stay open.
    std::ranges::sort(events, [&](const RangeEvent* a, const RangeEvent* b) {
        if (is_beginning(*a) != is_beginning(*b)) return is_beginning(*a);
        const auto compared = order.compare(a->version, b->version);
        if (compared != 0) return compared < 0;
        const bool a_is_last = a->kind == EventKind::kLastAffected;
        const bool b_is_last = b->kind == EventKind::kLastAffected;
        return a_is_last != b_is_last ? b_is_last : a < b;
    });
    return events;
}

// True if the event lies at or before the version, so that it has taken effect there.
bool has_passed(const RangeEvent& event, std::string_view version, const VersionOrder& order) {
    switch (event.kind) {
        case EventKind::kIntroduced:
            return is_beginning(event) || order.compare(version, event.version) >= 0;
        case EventKind::kFixed:
            return order.compare(version, event.version) >= 0;
        case EventKind::kLastAffected:
            return order.compare_inclusive(version, event.version) > 0;
        case EventKind::kLimit:
            return false;
    }
    return false;
}

bool is_within_limits(const VersionRange& range, std::string_view version,
                      const VersionOrder& order) {
    bool any = false;
    for (const RangeEvent& event : range.events) {
        if (event.kind != EventKind::kLimit) continue;
        if (event.version == "*" || order.compare(version, event.version) < 0) return true;
        any = true;
    }
    return !any;
}

std::optional<Interval> interval_of(const VersionRange& range, std::string_view version,
                                    const VersionOrder& order) {
    const bool never = std::ranges::any_of(range.events, [&](const RangeEvent& event) {
        return event.kind == EventKind::kFixed && order.is_never_affected(event.version);
    });
    if (never || !is_within_limits(range, version, order)) return std::nullopt;
    Interval interval;
    for (const RangeEvent* event : sorted_events(range, order)) {
        if (has_passed(*event, version, order)) {
            interval.introduced = event->kind == EventKind::kIntroduced ? event : nullptr;
        } else if (interval.introduced != nullptr && event->kind != EventKind::kIntroduced) {
            interval.end = event;
            break;
        }
    }
    if (interval.introduced == nullptr) return std::nullopt;
    return interval;
}

std::string constraint_of(const Interval& interval) {
    std::string text;
    if (!is_beginning(*interval.introduced)) text = ">= " + interval.introduced->version;
    if (interval.end != nullptr) {
        if (!text.empty()) text += ", ";
        text += interval.end->kind == EventKind::kFixed ? "< " : "<= ";
        text += interval.end->version;
    }
    return text.empty() ? "all versions" : text;
}

}  // namespace

std::optional<AffectedMatch> match_version(const advisories::AffectedPackage& affected,
                                           std::string_view version, const VersionOrder& order) {
    const bool comparable = order.knows(version);
    std::optional<AffectedMatch> match;
    for (const VersionRange& range : affected.ranges) {
        if (!comparable && is_bounded(range)) continue;
        const auto interval = interval_of(range, version, order);
        if (!interval) continue;
        if (!match) match = AffectedMatch{constraint_of(*interval), false};
        match->open_ended = match->open_ended || interval->end == nullptr;
    }
    if (match) return match;
    for (const std::string& one : affected.versions) {
        if (one == version || (comparable && order.compare_inclusive(version, one) == 0)) {
            return AffectedMatch{"= " + one, false};
        }
    }
    return std::nullopt;
}

bool has_bounds(const advisories::AffectedPackage& affected) {
    return std::ranges::any_of(affected.ranges, is_bounded);
}

std::string lowest_fixed(std::span<const advisories::AffectedPackage* const> entries,
                         std::string_view version, const VersionOrder& order) {
    if (!order.knows(version)) return {};
    std::vector<std::string_view> fixed;
    for (const advisories::AffectedPackage* entry : entries) {
        for (const VersionRange& range : entry->ranges) {
            for (const RangeEvent& event : range.events) {
                if (event.kind == EventKind::kFixed && order.compare(event.version, version) > 0) {
                    fixed.push_back(event.version);
                }
            }
        }
    }
    // By spelling where the order sees no difference, so that the answer does not depend on the
    // order of the records.
    std::ranges::sort(fixed, [&](std::string_view a, std::string_view b) {
        const auto compared = order.compare(a, b);
        return compared != 0 ? compared < 0 : a < b;
    });
    const auto rest = std::ranges::unique(fixed);
    fixed.erase(rest.begin(), rest.end());
    if (fixed.size() > kMaxFixes) fixed.resize(kMaxFixes);
    for (const std::string_view candidate : fixed) {
        const bool affected = std::ranges::any_of(entries, [&](const auto* entry) {
            return match_version(*entry, candidate, order).has_value();
        });
        if (!affected) return std::string(candidate);
    }
    return {};
}

}  // namespace vmsecurity::families::vulnerabilities
