#pragma once

#include <string>
#include <string_view>

#include "odata/bound.h"

// What the binders ask of bound operands, and how messages call them.
namespace vmsecurity::odata {

BoundPointer to_heap(BoundExpression expression);
ValueKind kind_of(const Constant& value);
bool is_number(ValueKind kind);
bool is_collection(const BoundPath& path);
const Constant* constant_of(const BoundExpression& value);  // nullptr if it is none
const BoundPath* path_of(const BoundExpression& value);

std::string_view noun(ValueKind kind);               // "a number"
std::string describe(const BoundExpression& value);  // "'assetInfo/location' is text"

}  // namespace vmsecurity::odata
