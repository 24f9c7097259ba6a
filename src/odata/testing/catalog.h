#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "odata/bound.h"

namespace vmsecurity::odata::testing {

// What a query may name below one start: a collection's object, or an element of an array.
struct KnownPath {
    std::string text;  // empty: the start itself
    ValueKind kind;
    std::span<const std::string_view> words = {};
};
struct KnownArray {
    std::string text;
    const schema::Type* element;
    const schema::Collection* relation;
};
struct Catalog {
    std::vector<KnownPath> values;
    std::vector<KnownPath> structures;  // objects, and arrays too
    std::vector<KnownArray> arrays;
};

Catalog catalog_of(const schema::Collection& collection);
Catalog catalog_of_element(const schema::Type& element, const schema::Collection* relation);

}  // namespace vmsecurity::odata::testing
