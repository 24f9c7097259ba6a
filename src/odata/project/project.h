#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "odata/bound.h"

// $select and $expand: what of an object a client gets.
namespace vmsecurity::odata {

// Gives the objects that relations point to. Called with the ids of one relation of all rows at
// once, each once, so that a list costs one query per relation and not one per row.
class RelatedObjects {
  public:
    virtual ~RelatedObjects() = default;
    // In the order of `ids`; nullopt: there is no such object. Canonical JSON text, without the
    // members that the collection keeps apart.
    virtual base::Result<std::vector<std::optional<std::string>>> documents(
        const schema::Collection& collection, std::span<const std::string> ids) = 0;
};

// Canonical JSON texts of objects of `collection` as the client gets them, in the same order. Their
// members stay in canonical order; nested $count gives "name@odata.count" before the array. An
// expanded object stands in place of its {"id": ...}; where the object is gone, the member, or the
// element of an array, is left out, as 0.6 did. A union of which fields are selected keeps its
// discriminator.
//
// Of the options only $select and $expand are looked at, and all options nested in them; without
// both, the texts are passed through unparsed.
// Errors: those of `related`; kLimitExceeded where $expand would make too much of few rows;
// kCorrupt where a text is not canonical.
base::Result<std::vector<std::string>> project(const schema::Collection& collection,
                                               const BoundOptions& options,
                                               std::vector<std::string> documents,
                                               RelatedObjects& related);

// The members kept apart (Collection::separate) that $select names; project() needs them in the
// documents. Without $select it names none, and it is the caller that knows whether they belong
// to the answer: not in a list, but of an item.
std::vector<std::string_view> separate_members(const schema::Collection& collection,
                                               const BoundOptions& options);

}  // namespace vmsecurity::odata
