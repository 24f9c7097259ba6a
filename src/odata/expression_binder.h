#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "odata/bound.h"
#include "odata/path_resolver.h"

namespace vmsecurity::odata {

// Binds the expressions of one place: of a request, or of the nested options of one item.
class ExpressionBinder {
  public:
    // `results`: the columns that names mean after $apply has grouped; else nullptr.
    ExpressionBinder(Start start, std::string target, Instant now,
                     const std::vector<ResultColumn>* results = nullptr)
        : start_(start), target_(std::move(target)), now_(now), results_(results) {}

    base::Result<BoundExpression> bind(const Expression& expression);
    base::Result<BoundExpression> bind_condition(const Expression& expression);  // a boolean
    base::Result<BoundExpression> bind_value(const Expression& expression);      // no structure
    base::Result<BoundPath> bind_path(const std::vector<Name>& names);

  private:
    struct Variable {
        std::string name;
        const schema::Type* type;
        const schema::Collection* relation;
    };

    base::Result<BoundExpression> bind_path_expression(const Expression& expression,
                                                       const Path& path);
    base::Result<BoundExpression> bind_lambda(const Expression& expression, const Path& path);
    base::Result<BoundExpression> bind_logical(const Expression& expression,
                                               const Logical& logical);
    base::Result<BoundExpression> bind_comparison(const Expression& expression,
                                                  const Comparison& comparison);
    base::Result<BoundExpression> bind_membership(const Expression& expression,
                                                  const Membership& membership);
    base::Result<BoundExpression> bind_arithmetic(const Expression& expression,
                                                  const Arithmetic& arithmetic);
    base::Result<BoundExpression> bind_call(const Expression& expression, const Call& call);
    base::Result<BoundExpression> bind_length(const Expression& expression,
                                              BoundExpression argument);

    base::Result<Basis> settle(BoundExpression& left, BoundExpression& right, bool ordered,
                               std::size_t position) const;
    base::Result<void> settle_word(const BoundPath& path, BoundExpression& constant,
                                   bool& ranked) const;
    base::Result<void> require(const BoundExpression& value, ValueKind kind,
                               std::string_view what) const;
    base::Result<void> require_single(const BoundExpression& value) const;
    base::Result<void> to_time(BoundExpression& value) const;
    tl::unexpected<base::Error> mismatch(const BoundExpression& left, const BoundExpression& right,
                                         std::size_t position) const;

    Start start_;
    std::string target_;
    Instant now_;
    const std::vector<ResultColumn>* results_;
    std::vector<Variable> variables_;
};

}  // namespace vmsecurity::odata
