#pragma once

#include "base/result.h"
#include "odata/syntax.h"
#include "odata/token_stream.h"

namespace vmsecurity::odata {

// Operator-precedence parser (Pratt) for commonExpr. Precedence: OData 4.01 Part 2 §5.1.1.17.
class ExpressionParser {
  public:
    explicit ExpressionParser(TokenStream& tokens) : tokens_(tokens) {}

    base::Result<Expression> expression() { return binary(0); }
    // A path without /$count and lambdas, as in $select and groupby.
    base::Result<std::vector<Name>> plain_path();
    base::Result<Path> path();

  private:
    base::Result<Expression> binary(int minimum_strength);
    base::Result<Expression> operand();
    base::Result<Expression> name_operand();
    base::Result<Expression> prefix(UnaryOperator operation);
    base::Result<Expression> call(Function function, std::size_t position);
    base::Result<Expression> membership(Expression left, std::size_t position);
    base::Result<Lambda> lambda(Quantifier quantifier);
    base::Result<Expression> finish(Expression expression, std::size_t depth_of_children);

    TokenStream& tokens_;
    std::size_t nesting_ = 0;  // of calls of operand(), which parentheses deepen without nodes
};

}  // namespace vmsecurity::odata
