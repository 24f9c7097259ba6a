#include "versions/pep440_parser.h"

#include <algorithm>
#include <array>

namespace vmsecurity::versions {
namespace {

constexpr bool is_local_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

}  // namespace

bool Pep440Parser::take(char wanted) {
    if (rest_.empty() || rest_[0] != wanted) return false;
    rest_.remove_prefix(1);
    return true;
}

bool Pep440Parser::take_separator() {
    return take('-') || take('_') || take('.');
}

template <typename Words>
std::optional<std::size_t> Pep440Parser::take_word(const Words& words) {
    const std::string_view start = rest_;
    take_separator();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (rest_.starts_with(words[i])) {
            rest_.remove_prefix(words[i].size());
            return i;
        }
    }
    rest_ = start;
    return std::nullopt;
}

Pep440Version::Number Pep440Parser::take_number() {
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] >= '0' && rest_[end] <= '9') ++end;
    std::string_view digits = rest_.substr(0, end);
    rest_.remove_prefix(end);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return Pep440Version::Number(digits);
}

Pep440Version::Number Pep440Parser::take_suffix_number() {
    take_separator();
    return take_number();
}

bool Pep440Parser::parse_release() {
    if (!at_digit()) return false;
    Pep440Version::Number first = take_number();
    if (take('!')) {
        version_.epoch_ = std::move(first);
        if (!at_digit()) return false;
        first = take_number();
    }
    version_.release_.push_back(std::move(first));
    while (rest_.size() >= 2 && rest_[0] == '.' && rest_[1] >= '0' && rest_[1] <= '9') {
        rest_.remove_prefix(1);
        version_.release_.push_back(take_number());
    }
    while (!version_.release_.empty() && version_.release_.back().empty()) {
        version_.release_.pop_back();
    }
    return true;
}

void Pep440Parser::parse_pre() {
    using enum Pep440Version::PreRelease;
    static constexpr std::array<std::string_view, 8> kWords = {"alpha",   "a",   "beta", "b",
                                                               "preview", "pre", "c",    "rc"};
    static constexpr std::array kMeanings = {kAlpha,     kAlpha,     kBeta,      kBeta,
                                             kCandidate, kCandidate, kCandidate, kCandidate};
    if (const auto word = take_word(kWords)) {
        version_.pre_.emplace(kMeanings.at(*word), take_suffix_number());
    }
}

void Pep440Parser::parse_post() {
    // "1.0-1" is the old spelling of 1.0.post1; only the hyphen has that meaning.
    if (rest_.size() >= 2 && rest_[0] == '-' && rest_[1] >= '0' && rest_[1] <= '9') {
        rest_.remove_prefix(1);
        version_.post_ = take_number();
        return;
    }
    static constexpr std::array<std::string_view, 3> kWords = {"post", "rev", "r"};
    if (take_word(kWords)) version_.post_ = take_suffix_number();
}

void Pep440Parser::parse_dev() {
    static constexpr std::array<std::string_view, 1> kWords = {"dev"};
    if (take_word(kWords)) version_.dev_ = take_suffix_number();
}

bool Pep440Parser::parse_local() {
    do {
        std::size_t end = 0;
        while (end < rest_.size() && is_local_byte(rest_[end])) ++end;
        if (end == 0) return false;
        Pep440Version::LocalSegment segment;
        const std::string_view text = rest_.substr(0, end);
        segment.numeric = text.find_first_not_of("0123456789") == std::string_view::npos;
        if (segment.numeric) {
            segment.text = take_number();
        } else {
            segment.text = text;
            rest_.remove_prefix(end);
        }
        version_.local_.push_back(std::move(segment));
    } while (take_separator());
    return true;
}

std::optional<Pep440Version> Pep440Parser::parse() {
    take('v');
    if (!parse_release()) return std::nullopt;
    parse_pre();
    parse_post();
    parse_dev();
    if (take('+') && !parse_local()) return std::nullopt;
    if (!rest_.empty()) return std::nullopt;
    return std::move(version_);
}

}  // namespace vmsecurity::versions
