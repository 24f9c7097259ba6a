#pragma once

#include <span>

#include "odata/bind.h"
#include "odata/expression_binder.h"

namespace vmsecurity::odata {

// Binds what stands around expressions: the options of a request and those that nest in items.
class QueryBinder {
  public:
    explicit QueryBinder(const BindSettings& settings) : now_(settings.now) {}

    // `start`: what the options are about. `many`: it is one of several, so that $filter, $orderby,
    // $top, $skip and $count make sense.
    base::Result<BoundOptions> options(const Start& start, const Options& options, bool many);
    base::Result<BoundApply> apply(const schema::Collection& collection, const Apply& apply);
    base::Result<std::vector<BoundOrder>> order(ExpressionBinder& binder,
                                                const std::vector<OrderItem>& items);
    Instant now() const { return now_; }

  private:
    base::Result<BoundSelection> selection(const Start& start, const Item& item);
    base::Result<BoundExpansion> expansion(const Start& start, std::span<const Name> path,
                                           const Options& options);
    base::Result<std::vector<BoundExpansion>> expand_all(const Start& start, const Item& item);
    base::Result<void> add_group(ExpressionBinder& binder, const Path& path, BoundApply& made);
    base::Result<void> add_aggregate(ExpressionBinder& binder, const AggregateItem& item,
                                     BoundApply& made);

    Instant now_;
};

}  // namespace vmsecurity::odata
