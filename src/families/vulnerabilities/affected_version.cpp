#include "families/vulnerabilities/affected_version.h"

#include <algorithm>

namespace vmsecurity::families::vulnerabilities {
namespace {

using advisories::EventKind;
using advisories::RangeEvent;
using advisories::VersionRange;

bool is_beginning(const RangeEvent& event) {
    return event.kind == EventKind::kIntroduced && event.version == "0";
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
    std::optional<AffectedMatch> match;
    for (const VersionRange& range : affected.ranges) {
        const auto interval = interval_of(range, version, order);
        if (!interval) continue;
        if (!match) match = AffectedMatch{constraint_of(*interval), {}, false};
        match->open_ended = match->open_ended || interval->end == nullptr;
        if (interval->end != nullptr && interval->end->kind == EventKind::kFixed) {
            match->fixed_versions.push_back(interval->end->version);
        }
    }
    if (match) {
        std::ranges::sort(match->fixed_versions, [&](const std::string& a, const std::string& b) {
            return order.compare(a, b) < 0;
        });
        const auto rest = std::ranges::unique(match->fixed_versions);
        match->fixed_versions.erase(rest.begin(), rest.end());
        return match;
    }
    for (const std::string& one : affected.versions) {
        if (one == version || order.compare_inclusive(version, one) == 0) {
            return AffectedMatch{"= " + one, {}, false};
        }
    }
    return std::nullopt;
}

}  // namespace vmsecurity::families::vulnerabilities
