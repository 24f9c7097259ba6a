#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "odata/bound.h"

namespace vmsecurity::odata {

struct ShapeMember;

// What is left of an object, or of each element of an array.
struct Shape {
    bool everything = false;  // members that are not named stay too
    bool narrowed = false;    // by a $select of its own
    bool expands = false;     // there is an expansion somewhere below
    std::vector<ShapeMember> members;

    const ShapeMember* find(std::string_view name) const;
};

struct ShapeMember {
    std::string_view name;
    Shape inside;
    const BoundOptions* list = nullptr;         // $filter, $orderby, ... of the array
    const BoundExpansion* expansion = nullptr;  // of {"id": ...}, or of an array of them
    std::size_t slot = 0;                       // counts the expansions of the whole shape
};

// The options' $select and $expand as one tree. `schema`: of the object. Points into `options`.
Shape make_shape(const schema::Schema* schema, const BoundOptions& options);

// The expansions of a shape, in the order of their slots.
std::vector<const BoundExpansion*> expansions_of(const Shape& shape);

}  // namespace vmsecurity::odata
