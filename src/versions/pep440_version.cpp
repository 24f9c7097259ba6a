#include "versions/pep440_version.h"

#include <algorithm>

#include "base/text.h"
#include "versions/pep440_parser.h"

namespace vmsecurity::versions {

std::optional<Pep440Version> Pep440Version::parse(std::string_view text) {
    const std::string lower = base::to_lower(base::trim(text));
    return Pep440Parser(lower).parse();
}

std::strong_ordering Pep440Version::compare_numbers(const Number& a, const Number& b) {
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a.compare(b) <=> 0;
}

std::strong_ordering Pep440Version::compare_release(const Pep440Version& other) const {
    return std::lexicographical_compare_three_way(release_.begin(), release_.end(),
                                                  other.release_.begin(), other.release_.end(),
                                                  compare_numbers);
}

// A development release of no pre- or post-release comes before all pre-releases (1.0.dev1
// < 1.0a1), a version without pre-release after them.
int Pep440Version::pre_rank() const {
    if (pre_) return 1;
    return !post_ && dev_ ? 0 : 2;
}

std::strong_ordering Pep440Version::compare_pre(const Pep440Version& other) const {
    if (const auto order = pre_rank() <=> other.pre_rank(); order != 0 || !pre_) return order;
    if (const auto order = pre_->first <=> other.pre_->first; order != 0) return order;
    return compare_numbers(pre_->second, other.pre_->second);
}

std::strong_ordering Pep440Version::compare_local(const Pep440Version& other) const {
    return std::lexicographical_compare_three_way(
        local_.begin(), local_.end(), other.local_.begin(), other.local_.end(),
        [](const LocalSegment& a, const LocalSegment& b) -> std::strong_ordering {
            if (a.numeric != b.numeric) return a.numeric <=> b.numeric;
            return a.numeric ? compare_numbers(a.text, b.text) : a.text.compare(b.text) <=> 0;
        });
}

std::weak_ordering Pep440Version::operator<=>(const Pep440Version& other) const {
    if (const auto order = compare_numbers(epoch_, other.epoch_); order != 0) return order;
    if (const auto order = compare_release(other); order != 0) return order;
    if (const auto order = compare_pre(other); order != 0) return order;
    // No post-release comes before all, no development release after all.
    if (post_.has_value() != other.post_.has_value()) return post_.has_value() <=> !post_;
    if (post_) {
        if (const auto order = compare_numbers(*post_, *other.post_); order != 0) return order;
    }
    if (dev_.has_value() != other.dev_.has_value()) return !dev_ <=> dev_.has_value();
    if (dev_) {
        if (const auto order = compare_numbers(*dev_, *other.dev_); order != 0) return order;
    }
    return compare_local(other);
}

bool Pep440Version::has_local() const {
    return !local_.empty();
}

Pep440Version Pep440Version::without_local() const {
    Pep440Version version = *this;
    version.local_.clear();
    return version;
}

std::string normalize_pypi_name(std::string_view name) {
    std::string out;
    out.reserve(name.size());
    for (const char c : base::to_lower(name)) {
        if (c != '-' && c != '_' && c != '.') {
            out += c;
        } else if (!out.ends_with('-')) {
            out += '-';
        }
    }
    return out;
}

}  // namespace vmsecurity::versions
