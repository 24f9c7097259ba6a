#include "odata/options_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "odata/limits.h"

namespace vmsecurity::odata {

base::Result<std::vector<OrderItem>> OptionsParser::order_items() {
    std::vector<OrderItem> items;
    for (;;) {
        OrderItem one;
        VMSECURITY_ASSIGN(one.expression, expressions_.expression());
        if (tokens_.at_word("desc") || tokens_.at_word("asc")) {
            one.descending = tokens_.at_word("desc");
            VMSECURITY_TRY(tokens_.advance());
        }
        items.push_back(std::move(one));
        VMSECURITY_ASSIGN(const bool more, tokens_.accept(','));
        if (!more) return items;
    }
}

base::Result<std::vector<Item>> OptionsParser::items(bool expanding) {
    std::vector<Item> items;
    for (;;) {
        VMSECURITY_ASSIGN(Item one, item(expanding));
        items.push_back(std::move(one));
        VMSECURITY_ASSIGN(const bool more, tokens_.accept(','));
        if (!more) return items;
    }
}

base::Result<Item> OptionsParser::item(bool expanding) {
    Item made;
    made.position = tokens_.current().position;
    made.options = std::make_unique<Options>();
    made.options->target = tokens_.target();
    made.options->position = made.position;
    if (tokens_.current().is('*')) {
        VMSECURITY_TRY(tokens_.spend(made.position));
        VMSECURITY_TRY(tokens_.advance());
        made.star = true;
        return made;
    }
    VMSECURITY_ASSIGN(made.path, expressions_.plain_path());
    if (tokens_.current().is('(')) {
        VMSECURITY_TRY(tokens_.advance());
        VMSECURITY_TRY(nested_options(*made.options, expanding));
    }
    return made;
}

base::Result<void> OptionsParser::nested_options(Options& options, bool expanding) {
    if (++nesting_ > kMaxExpandDepth) {
        return tokens_.fail(options.position, fmt::format("{} is nested more than {} deep.",
                                                          tokens_.target(), kMaxExpandDepth));
    }
    for (;;) {
        VMSECURITY_TRY(nested_option(options, expanding));
        VMSECURITY_ASSIGN(const bool more, tokens_.accept(';'));
        if (!more) break;
    }
    --nesting_;
    return tokens_.expect(')', "or ';' behind a nested option");
}

base::Result<void> OptionsParser::nested_option(Options& options, bool expanding) {
    constexpr std::string_view kWanted =
        "a nested option ($select, $expand, $filter, $orderby, $top, $skip or $count)";
    if (!tokens_.at_name()) return tokens_.unexpected(kWanted);
    const std::size_t position = tokens_.current().position;
    std::string option = base::to_lower(tokens_.current().text);
    if (!option.starts_with('$')) option.insert(0, 1, '$');
    constexpr std::array<std::string_view, 7> kOptions = {
        "$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count"};
    if (std::ranges::find(kOptions, option) == kOptions.end()) return tokens_.unexpected(kWanted);
    if (option == "$expand" && !expanding) {
        return tokens_.fail(position,
                            "$expand cannot stand inside $select. Write it as an option of its "
                            "own: $select=a&$expand=b.");
    }
    VMSECURITY_TRY(tokens_.advance());
    VMSECURITY_TRY(tokens_.expect('=', "behind the nested option"));

    bool repeated = false;
    if (option == "$filter") {
        repeated = options.filter.has_value();
        VMSECURITY_ASSIGN(options.filter, expressions_.expression());
    } else if (option == "$orderby") {
        repeated = !options.orderby.empty();
        VMSECURITY_ASSIGN(options.orderby, order_items());
    } else if (option == "$select") {
        repeated = !options.select.empty();
        VMSECURITY_ASSIGN(options.select, items(false));
    } else if (option == "$expand") {
        repeated = !options.expand.empty();
        VMSECURITY_ASSIGN(options.expand, items(true));
    } else if (option == "$top") {
        repeated = options.top.has_value();
        VMSECURITY_ASSIGN(options.top, unsigned_number(option));
    } else if (option == "$skip") {
        VMSECURITY_ASSIGN(options.skip, unsigned_number(option));
    } else {
        repeated = options.count.has_value();
        if (!tokens_.at_word("true") && !tokens_.at_word("false")) {
            return tokens_.unexpected("true or false");
        }
        options.count = tokens_.at_word("true");
        VMSECURITY_TRY(tokens_.advance());
    }
    if (repeated) return tokens_.fail(position, fmt::format("{} is given twice.", option));
    return {};
}

base::Result<std::uint64_t> OptionsParser::unsigned_number(std::string_view option) {
    const auto* value = std::get_if<std::int64_t>(&tokens_.current().value);
    if (tokens_.current().kind != TokenKind::kLiteral || value == nullptr) {
        return tokens_.unexpected(fmt::format("a whole number for {}", option));
    }
    const auto number = static_cast<std::uint64_t>(*value);
    VMSECURITY_TRY(tokens_.advance());
    return number;
}

base::Result<Apply> OptionsParser::apply() {
    Apply made;
    for (;;) {
        const std::size_t position = tokens_.current().position;
        VMSECURITY_TRY(tokens_.spend(position));
        if (tokens_.at_word("filter")) {
            VMSECURITY_TRY(tokens_.advance());
            VMSECURITY_TRY(tokens_.expect('(', "behind filter"));
            VMSECURITY_ASSIGN(Expression filter, expressions_.expression());
            VMSECURITY_TRY(tokens_.expect(')', "that closes filter"));
            (made.grouping ? made.after : made.before).push_back(std::move(filter));
        } else if (tokens_.at_word("groupby") || tokens_.at_word("aggregate")) {
            if (made.grouping) {
                return tokens_.fail(position, "$apply may group or aggregate once.");
            }
            VMSECURITY_ASSIGN(made.grouping, grouping());
        } else {
            return tokens_.unexpected("filter(...), groupby(...) or aggregate(...)");
        }
        VMSECURITY_ASSIGN(const bool more, tokens_.accept('/'));
        if (!more) return made;
    }
}

base::Result<Grouping> OptionsParser::grouping() {
    Grouping made;
    made.position = tokens_.current().position;
    if (tokens_.at_word("aggregate")) {
        VMSECURITY_ASSIGN(made.aggregates, aggregates());
        return made;
    }
    VMSECURITY_TRY(tokens_.advance());
    VMSECURITY_TRY(tokens_.expect('(', "behind groupby"));
    VMSECURITY_TRY(tokens_.expect('(', "before the paths: groupby((path,path))"));
    for (;;) {
        Path path;
        VMSECURITY_ASSIGN(path.names, expressions_.plain_path());
        made.paths.push_back(std::move(path));
        VMSECURITY_ASSIGN(const bool more, tokens_.accept(','));
        if (!more) break;
    }
    VMSECURITY_TRY(tokens_.expect(')', "or ',' behind the path"));
    VMSECURITY_ASSIGN(const bool more, tokens_.accept(','));
    if (more) {
        if (!tokens_.at_word("aggregate")) return tokens_.unexpected("aggregate(...)");
        VMSECURITY_ASSIGN(made.aggregates, aggregates());
    }
    VMSECURITY_TRY(tokens_.expect(')', "that closes groupby"));
    return made;
}

base::Result<std::vector<AggregateItem>> OptionsParser::aggregates() {
    VMSECURITY_TRY(tokens_.advance());
    VMSECURITY_TRY(tokens_.expect('(', "behind aggregate"));
    std::vector<AggregateItem> made;
    for (;;) {
        VMSECURITY_ASSIGN(AggregateItem one, aggregate());
        made.push_back(std::move(one));
        VMSECURITY_ASSIGN(const bool more, tokens_.accept(','));
        if (!more) break;
    }
    VMSECURITY_TRY(tokens_.expect(')', "or ',' behind the aggregate"));
    return made;
}

base::Result<AggregateItem> OptionsParser::aggregate() {
    constexpr std::string_view kMethods = "sum, min, max, average or countdistinct";
    AggregateItem made;
    if (tokens_.at_word("$count")) {
        VMSECURITY_TRY(tokens_.spend(tokens_.current().position));
        VMSECURITY_TRY(tokens_.advance());
    } else {
        VMSECURITY_ASSIGN(made.operand, expressions_.expression());
        if (!tokens_.at_word("with")) {
            return tokens_.unexpected(fmt::format("`with` and {}", kMethods));
        }
        VMSECURITY_TRY(tokens_.advance());
        constexpr std::array<std::string_view, 5> kNames = {"sum", "min", "max", "average",
                                                            "countdistinct"};
        const auto* found = std::ranges::find_if(
            kNames, [&](std::string_view name) { return tokens_.at_word(name); });
        if (found == kNames.end()) return tokens_.unexpected(kMethods);
        made.aggregation = static_cast<Aggregation>(found - kNames.begin());
        VMSECURITY_TRY(tokens_.advance());
    }
    if (!tokens_.at_word("as")) return tokens_.unexpected("`as` and a name for the result");
    VMSECURITY_TRY(tokens_.advance());
    VMSECURITY_ASSIGN(made.alias, tokens_.expect_name("a name for the result"));
    return made;
}

}  // namespace vmsecurity::odata
