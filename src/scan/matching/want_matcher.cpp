#include "scan/matching/want_matcher.h"

#include <algorithm>

namespace vmsecurity::scan::matching {
namespace {

void add_wish(std::vector<Wish>& wishes, const Wish& wish) {
    const auto same = std::ranges::find(wishes, wish.analyzer, &Wish::analyzer);
    if (same == wishes.end()) {
        wishes.push_back(wish);
    } else if (wish.prefix_bytes == 0 || same->prefix_bytes == 0) {
        same->prefix_bytes = 0;
    } else {
        same->prefix_bytes = std::max(same->prefix_bytes, wish.prefix_bytes);
    }
}

}  // namespace

base::Result<WantMatcher> WantMatcher::make(const std::vector<WantedPattern>& wanted) {
    WantMatcher matcher;
    for (const WantedPattern& want : wanted) {
        VMSECURITY_ASSIGN(const Glob glob, Glob::parse(want.pattern));
        if (glob.is_literal()) {
            auto known = std::ranges::find(matcher.exact_, glob.text(), &ExactPath::path);
            if (known == matcher.exact_.end()) {
                known = matcher.exact_.insert(known, {glob.text(), {}});
            }
            add_wish(known->wishes, want.wish);
            continue;
        }
        const auto& names = glob.names();
        if (names.back() == "**") {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "an analyzer's pattern must end in a name", want.pattern);
        }
        matcher.globs_.push_back({{names.begin(), names.end() - 1}, names.back(), want.wish});
    }
    for (ExactPath& exact : matcher.exact_) {
        for (const Wish& wish : matcher.glob_wishes(exact.path)) add_wish(exact.wishes, wish);
    }
    return matcher;
}

WantMatcher::Active WantMatcher::active_in(std::string_view directory) const {
    Active active;
    for (const Pattern& pattern : globs_) {
        if (matches_path(pattern.directory, directory)) {
            active.patterns_.push_back({pattern.last_name, pattern.wish});
        }
    }
    return active;
}

std::vector<Wish> WantMatcher::Active::wishes_for(std::string_view name) const {
    std::vector<Wish> wishes;
    for (const Candidate& candidate : patterns_) {
        if (matches_name(candidate.last_name, name)) add_wish(wishes, candidate.wish);
    }
    return wishes;
}

std::vector<Wish> WantMatcher::glob_wishes(std::string_view path) const {
    const std::size_t slash = path.rfind('/');
    const bool at_root = slash == std::string_view::npos;
    return active_in(at_root ? std::string_view() : path.substr(0, slash))
        .wishes_for(at_root ? path : path.substr(slash + 1));
}

}  // namespace vmsecurity::scan::matching
