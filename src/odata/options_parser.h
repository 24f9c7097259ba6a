#pragma once

#include "odata/expression_parser.h"

namespace vmsecurity::odata {

// Parses the values of $orderby, $select, $expand and $apply, with the options that nest in
// parentheses behind an item.
class OptionsParser {
  public:
    explicit OptionsParser(TokenStream& tokens) : tokens_(tokens), expressions_(tokens) {}

    base::Result<std::vector<OrderItem>> order_items();
    base::Result<std::vector<Item>> items(bool expanding);
    base::Result<Apply> apply();

  private:
    base::Result<Item> item(bool expanding);
    base::Result<void> nested_options(Options& options, bool expanding);
    base::Result<void> nested_option(Options& options, bool expanding);
    base::Result<std::uint64_t> unsigned_number(std::string_view option);
    base::Result<Grouping> grouping();
    base::Result<std::vector<AggregateItem>> aggregates();
    base::Result<AggregateItem> aggregate();

    TokenStream& tokens_;
    ExpressionParser expressions_;
    std::size_t nesting_ = 0;
};

}  // namespace vmsecurity::odata
