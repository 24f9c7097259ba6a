#include "odata/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace vmsecurity::odata {
namespace {

constexpr std::size_t kMaxLength = 64;  // names of ours are shorter; bounds the work
constexpr std::size_t kMaxListed = 24;

// Levenshtein's distance, blind to case.
std::size_t distance(std::string_view left, std::string_view right) {
    const std::string a = base::to_lower(left.substr(0, kMaxLength));
    const std::string b = base::to_lower(right.substr(0, kMaxLength));
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string suggest(std::string_view name, std::vector<std::string_view> candidates) {
    std::ranges::sort(candidates);
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const std::string_view candidate : candidates) {
        const std::size_t far = distance(name, candidate);
        const bool part = name.size() >= 3 &&
                          base::to_lower(candidate).find(base::to_lower(name)) != std::string::npos;
        if (part || far <= std::max<std::size_t>(1, name.size() / 3))
            near.emplace_back(far, candidate);
    }
    if (near.empty()) {
        if (candidates.empty()) return {};
        const bool all = candidates.size() <= kMaxListed;
        if (!all) candidates.resize(kMaxListed);
        return fmt::format(" There {} {}{}.", candidates.size() == 1 ? "is" : "are",
                           fmt::join(candidates, ", "), all ? "" : " and others");
    }
    std::ranges::sort(near);
    if (near.size() > 3) near.resize(3);
    std::string text = " Did you mean ";
    for (std::size_t i = 0; i < near.size(); ++i) {
        if (i > 0) text += i + 1 == near.size() ? " or " : ", ";
        text += fmt::format("'{}'", near[i].second);
    }
    return text + '?';
}

}  // namespace vmsecurity::odata
