#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "codec/json.h"
#include "model/schema/schema.h"

namespace vmsecurity::model::schema {

// What is wrong with a body: where, as a JSON pointer (RFC 6901; "" is the whole), and a sentence
// without its subject that says what to do: "must be one of Done, Failed".
struct Fault {
    std::string pointer;
    std::string reason;
    bool operator==(const Fault&) const = default;
};

enum class Mode : std::uint8_t {
    kWhole,  // a whole object: of a POST or PUT, or what a merge made
    // A merge patch: nothing is required, and null clears what is not. A union without its
    // discriminator is not looked into, so what the merge makes has to be validated too.
    kPatch,
};

// The faults of `value` as an object of `schema`, at most `max_faults`, in the order of the body;
// empty if it is valid. Read-only members are not looked at, unknown ones only where the schema is
// closed. Of a union's variant no member is required but the discriminator.
std::vector<Fault> validate(const Schema& schema, const boost::json::value& value, Mode mode,
                            std::size_t max_faults = 20);

// The fault of one value (a parameter, say), if it has any.
std::vector<Fault> validate(const Type& type, const boost::json::value& value);

}  // namespace vmsecurity::model::schema
