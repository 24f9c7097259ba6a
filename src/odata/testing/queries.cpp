#include "odata/testing/queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vmsecurity::odata::testing {
namespace {

constexpr std::array<std::string_view, 6> kComparisons = {"eq", "ne", "gt", "ge", "lt", "le"};
constexpr std::array<ValueKind, 4> kKinds = {ValueKind::kInteger, ValueKind::kReal,
                                             ValueKind::kText, ValueKind::kTime};

}  // namespace

std::string in_quotes(std::string_view text) {
    std::string made = "'";
    for (const char c : text) {
        if (c == '\0') continue;  // refused in queries
        if (c == '\'') made += c;
        made += c;
    }
    return made + '\'';
}

RandomQueries::RandomQueries(const schema::Collection& collection, std::uint64_t seed)
    : random_(seed),
      collection_(&collection),
      catalog_(catalog_of(collection)),
      scopes_{{"", &catalog_}} {}

std::string RandomQueries::filter() {
    return condition(static_cast<int>(random_.below(4)));
}

std::string RandomQueries::filter_of_columns() {
    std::vector<std::string_view> paths;
    for (const schema::HotColumn& one : collection_->columns) {
        const bool words = one.field != nullptr && !one.field->type.enumeration.empty();
        if (one.type == schema::ColumnType::kText && !words) paths.push_back(one.path);
    }
    if (paths.empty()) return filter();
    constexpr std::array<std::string_view, 3> kMatches = {"contains", "startswith", "endswith"};
    constexpr std::array<std::string_view, 4> kAround = {"{}", "tolower({})", "toupper({})",
                                                         "trim(tolower({}))"};
    const std::string_view path = random_.pick(paths);
    std::string made;
    switch (random_.below(4)) {
        case 0:
            made = fmt::format("{} {} {}", path, random_.pick(kComparisons),
                               constant(ValueKind::kText));
            break;
        case 1:
            made = fmt::format("{} in ({},{}{})", path, constant(ValueKind::kText),
                               constant(ValueKind::kText), random_.chance(30) ? ",null" : "");
            break;
        default:
            made = fmt::format("{}({},{})", random_.pick(kMatches),
                               fmt::format(fmt::runtime(random_.pick(kAround)), path),
                               constant(ValueKind::kText));
            break;
    }
    if (random_.chance(40)) made = fmt::format("not ({})", made);
    return random_.chance(30) ? fmt::format("{} or {}", made, condition(0)) : made;
}

std::string RandomQueries::orderby() {
    std::string made;
    for (std::size_t i = random_.below(3) + 1; i > 0; --i) {
        if (!made.empty()) made += ',';
        made += random_.chance(15) ? condition(0)
                                   : value(random_.pick(kKinds), random_.chance(70) ? 0 : 2);
        if (random_.chance(50)) made += random_.chance(70) ? " desc" : " asc";
    }
    return made;
}

std::string RandomQueries::apply() {
    std::string made;
    if (random_.chance(40)) made += fmt::format("filter({})/", condition(1));
    std::string aggregates;
    for (std::size_t i = random_.below(4); i > 0; --i) {
        constexpr std::array<std::string_view, 5> kMethods = {"sum", "min", "max", "average",
                                                              "countdistinct"};
        if (!aggregates.empty()) aggregates += ',';
        if (random_.chance(25)) {
            aggregates += fmt::format("$count as a{}", i);
            continue;
        }
        const std::string_view method = random_.pick(kMethods);
        const bool adds = method == "sum" || method == "average";
        const ValueKind kind = adds ? (random_.chance(50) ? ValueKind::kInteger : ValueKind::kReal)
                                    : random_.pick(kKinds);
        aggregates += fmt::format("{} with {} as a{}", value(kind, 1), method, i);
    }
    std::string groups;
    for (std::size_t i = random_.below(aggregates.empty() ? 2 : 3) + (aggregates.empty() ? 1 : 0);
         i > 0; --i) {
        const std::string one = path(random_.pick(kKinds));
        if (one.empty() || (',' + groups + ',').find(',' + one + ',') != std::string::npos) {
            continue;
        }
        if (!groups.empty()) groups += ',';
        groups += one;
    }
    if (groups.empty()) {
        return made +
               fmt::format("aggregate({})", aggregates.empty() ? "$count as a0" : aggregates);
    }
    made += fmt::format("groupby(({})", groups);
    if (!aggregates.empty()) made += fmt::format(",aggregate({})", aggregates);
    made += ')';
    const std::string first = groups.substr(0, groups.find(','));
    if (random_.chance(20)) made += fmt::format("/filter({} ne null)", first);
    return made;
}

const RandomQueries::Scope& RandomQueries::scope() {
    // The innermost is what a lambda is about.
    return random_.chance(75) ? scopes_.back() : random_.pick(scopes_);
}

std::string RandomQueries::path_text(const Scope& scope, const std::string& path) const {
    if (scope.variable.empty()) return path;
    return path.empty() ? scope.variable : scope.variable + '/' + path;
}

std::string RandomQueries::path(ValueKind kind) {
    const Scope& where = scope();
    std::vector<const KnownPath*> fitting;
    for (const KnownPath& one : where.catalog->values) {
        if (one.kind == kind) fitting.push_back(&one);
    }
    return fitting.empty() ? std::string() : path_text(where, random_.pick(fitting)->text);
}

std::string RandomQueries::constant(ValueKind kind) {
    switch (kind) {
        case ValueKind::kInteger: {
            const std::int64_t number = random_integer(random_);
            return number == INT64_MIN ? "-9223372036854775807" : fmt::to_string(number);
        }
        case ValueKind::kReal:
            return fmt::format("{}", random_real(random_));
        case ValueKind::kTime: {
            const std::string time = random_time(random_);
            if (random_.chance(10)) return time.substr(0, 10);
            return random_.chance(20) ? in_quotes(time) : time;
        }
        case ValueKind::kBoolean:
            return random_.chance(50) ? "true" : "false";
        default:
            return in_quotes(random_text(random_));
    }
}

std::string RandomQueries::value(ValueKind kind, int depth) {
    if (depth > 0 && random_.chance(50)) {
        if (kind == ValueKind::kInteger) return integer(depth - 1);
        if (kind == ValueKind::kText) return text(depth - 1);
        if (kind == ValueKind::kReal) {
            constexpr std::array<std::string_view, 4> kOperators = {"add", "sub", "mul", "div"};
            const ValueKind other = random_.chance(50) ? ValueKind::kInteger : ValueKind::kReal;
            return fmt::format("({} {} {})", value(ValueKind::kReal, depth - 1),
                               random_.pick(kOperators), value(other, depth - 1));
        }
        const std::string inner = path(ValueKind::kTime);
        if (!inner.empty()) return fmt::format("date({})", inner);
    }
    const std::string found = random_.chance(depth < 0 ? 0 : 80) ? path(kind) : std::string();
    return found.empty() ? constant(kind) : found;
}

std::string RandomQueries::integer(int depth) {
    constexpr std::array<std::string_view, 5> kOperators = {"add", "sub", "mul", "div", "mod"};
    constexpr std::array<std::string_view, 5> kParts = {"year", "month", "day", "hour", "minute"};
    switch (random_.below(6)) {
        case 0:
            return fmt::format("length({})", value(ValueKind::kText, depth));
        case 1:
            return fmt::format("indexof({},{})", value(ValueKind::kText, depth),
                               value(ValueKind::kText, depth));
        case 2:
            return fmt::format("{}({})", random_.pick(kParts), value(ValueKind::kTime, depth));
        case 3: {
            const Scope& where = scope();
            if (where.catalog->arrays.empty()) return constant(ValueKind::kInteger);
            return path_text(where, random_.pick(where.catalog->arrays).text) + "/$count";
        }
        case 4:
            return fmt::format("-({})", value(ValueKind::kInteger, depth));
        default:
            return fmt::format("({} {} {})", value(ValueKind::kInteger, depth),
                               random_.pick(kOperators), value(ValueKind::kInteger, depth));
    }
}

std::string RandomQueries::text(int depth) {
    constexpr std::array<std::string_view, 3> kFunctions = {"tolower", "toupper", "trim"};
    const std::string inner = value(ValueKind::kText, depth);
    switch (random_.below(4)) {
        case 0:
            return fmt::format("concat({},{})", inner, value(ValueKind::kText, depth));
        case 1:
            return fmt::format("substring({},{})", inner, value(ValueKind::kInteger, depth));
        case 2:
            return fmt::format("substring({},{},{})", inner, random_.below(3),
                               value(ValueKind::kInteger, depth));
        default:
            return fmt::format("{}({})", random_.pick(kFunctions), inner);
    }
}

std::string RandomQueries::words_comparison(const std::string& path,
                                            std::span<const std::string_view> words) {
    if (random_.chance(30)) {
        std::string list;
        for (std::size_t i = random_.below(3) + 1; i > 0; --i) {
            list += fmt::format("{}{}", list.empty() ? "" : ",", in_quotes(random_.pick(words)));
        }
        return fmt::format("{} in ({})", path, list);
    }
    return fmt::format("{} {} {}", path, random_.pick(kComparisons),
                       in_quotes(random_.pick(words)));
}

std::string RandomQueries::comparison(int depth) {
    const Scope& where = scope();
    if (!where.catalog->values.empty() && random_.chance(70)) {
        const KnownPath& one = random_.pick(where.catalog->values);
        const std::string path = path_text(where, one.text);
        if (random_.chance(15)) {
            return fmt::format("{} {} null", path, random_.chance(50) ? "eq" : "ne");
        }
        if (one.kind == ValueKind::kBoolean) {
            return random_.chance(50)
                       ? path
                       : fmt::format("{} {} {}", path, random_.chance(50) ? "eq" : "ne",
                                     random_.chance(50) ? "true" : condition(0));
        }
        if (!one.words.empty() && random_.chance(80)) return words_comparison(path, one.words);
        if (!one.words.empty()) {  // the text of the word
            return fmt::format("tolower({}) {} {}", path, random_.pick(kComparisons),
                               in_quotes(random_.pick(one.words)));
        }
        if (random_.chance(15)) {
            std::string list = constant(one.kind);
            for (std::size_t i = random_.below(3); i > 0; --i) list += ',' + constant(one.kind);
            if (random_.chance(20)) list += ",null";
            return fmt::format("{} in ({})", path, list);
        }
        return fmt::format("{} {} {}", path, random_.pick(kComparisons), value(one.kind, depth));
    }
    const ValueKind kind = random_.pick(kKinds);
    const bool number = kind == ValueKind::kInteger || kind == ValueKind::kReal;
    const ValueKind other = number && random_.chance(40) ? ValueKind::kReal : kind;
    std::string left = value(kind, depth + 1);
    return random_.chance(10)
               ? fmt::format("{} eq null", left)
               : fmt::format("{} {} {}", left, random_.pick(kComparisons), value(other, depth));
}

std::string RandomQueries::text_match(int depth) {
    constexpr std::array<std::string_view, 3> kFunctions = {"contains", "startswith", "endswith"};
    const Scope& where = scope();
    if (random_.chance(20) && !where.catalog->structures.empty()) {
        constexpr std::array<std::string_view, 5> kParts = {"{\"", "\":", "a", "\\", "\uFFFD"};
        const KnownPath& one = random_.pick(where.catalog->structures);
        return fmt::format("contains({},{})", path_text(where, one.text),
                           in_quotes(random_.pick(kParts)));
    }
    return fmt::format("{}({},{})", random_.pick(kFunctions), value(ValueKind::kText, depth),
                       value(ValueKind::kText, random_.chance(80) ? -1 : depth));
}

std::string RandomQueries::lambda(int depth) {
    const Scope where = scope();
    if (where.catalog->arrays.empty() || scopes_.size() > 2) return comparison(depth);
    const KnownArray& array = random_.pick(where.catalog->arrays);
    const std::string start = path_text(where, array.text);
    if (random_.chance(15)) return start + "/any()";
    const auto [elements, added] = elements_.try_emplace(array.element);
    if (added) elements->second = catalog_of_element(*array.element, array.relation);
    const std::string variable = fmt::format("x{}", scopes_.size());
    scopes_.push_back({variable, &elements->second});
    const std::string inner = condition(depth);
    scopes_.pop_back();
    return fmt::format("{}/{}({}: {})", start, random_.chance(50) ? "any" : "all", variable, inner);
}

std::string RandomQueries::condition(int depth) {
    if (depth <= 0) return random_.chance(75) ? comparison(0) : text_match(0);
    switch (random_.below(8)) {
        case 0:
        case 1:
            return fmt::format("({} and {})", condition(depth - 1), condition(depth - 1));
        case 2:
        case 3:
            return fmt::format("({} or {})", condition(depth - 1), condition(depth - 1));
        case 4:
            return fmt::format("not ({})", condition(depth - 1));
        case 5:
            return lambda(depth - 1);
        case 6:
            return text_match(depth);
        default:
            return comparison(depth);
    }
}

}  // namespace vmsecurity::odata::testing
