#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "odata/evaluate/evaluator.h"
#include "odata/project/project.h"

namespace vmsecurity::odata {

// Related objects as values, for nested filters and orders that lead through relations.
class RelatedValues : public Objects {
  public:
    explicit RelatedValues(RelatedObjects& related) : related_(&related) {}

    // What is not there yet is fetched alone; prefetch() fetches together.
    const boost::json::value* find(const schema::Collection& collection,
                                   std::string_view id) override;
    // Fetches what the paths of `expression` need of all `rows`, a query for each relation. Paths
    // that start at the variable of a lambda are left to find().
    base::Result<void> prefetch(const BoundExpression& expression,
                                const std::vector<boost::json::value>& rows);

    // find() cannot fail, so what failed in it is told here.
    const std::optional<base::Error>& error() const { return error_; }

  private:
    using Key = std::pair<const schema::Collection*, std::string>;

    base::Result<void> prefetch_path(const BoundPath& path,
                                     const std::vector<boost::json::value>& rows);
    base::Result<void> fetch(const schema::Collection& collection, std::set<std::string> ids);

    RelatedObjects* related_;
    std::map<Key, std::unique_ptr<boost::json::value>> values_;  // nullptr: there is none
    std::optional<base::Error> error_;
};

}  // namespace vmsecurity::odata
