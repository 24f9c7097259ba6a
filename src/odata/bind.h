#pragma once

#include "base/result.h"
#include "model/schema/schema.h"
#include "odata/bound.h"
#include "odata/parse.h"

namespace vmsecurity::odata {

struct BindSettings {
    Instant now;  // what now() is throughout the query
};

// Resolves the names of parsed options against the collection's schema and checks types.
// Errors: kInvalidArgument with a Problem (problem.h): unknown names with the nearest known ones,
// operands whose types do not fit, collections used like single values, words that an enumeration
// does not have, fields that cannot be filtered because they are kept apart (Collection::separate).
base::Result<BoundQuery> bind(const schema::Collection& collection, const Options& options,
                              const BindSettings& settings);

// parse() and bind() in one, with the fingerprint that ties skiptokens to the query.
base::Result<BoundQuery> read_query(const schema::Collection& collection, const QueryText& text,
                                    const BindSettings& settings);

}  // namespace vmsecurity::odata
