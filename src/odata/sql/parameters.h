#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "odata/bound.h"
#include "odata/sql/fragment.h"
#include "sql/statement.h"

namespace vmsecurity::odata::sql {

using ::vmsecurity::sql::Value;

// The values that a statement binds. In PostgreSQL each placeholder names its type, so that none is
// guessed from what stands beside it.
class Parameters {
  public:
    explicit Parameters(Dialect dialect) : dialect_(dialect) {}

    Fragment add(Value value);
    // An instant becomes its nanoseconds.
    Fragment add(const Constant& constant);

    std::vector<Value> take() { return std::move(values_); }

  private:
    Dialect dialect_;
    std::vector<Value> values_;
};

Value to_value(const Constant& constant);

}  // namespace vmsecurity::odata::sql
