#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

// What an object of a collection must fulfil beyond its schema. Rules look at the object alone, so
// that they are plain functions; that two objects do not collide is the store's business, by the
// key that the rules make.
namespace vmsecurity::apiserver {

enum class WriteKind : std::uint8_t { kCreate, kReplace, kPatch };

// One write as the rules see it, inside its transaction. Times are filled in by the server where
// the type says so.
struct ObjectWrite {
    WriteKind kind = WriteKind::kCreate;
    const boost::json::object* before = nullptr;  // what is stored; null on kCreate
    const boost::json::object* sent = nullptr;    // the body as the client sent it
    boost::json::object* after = nullptr;         // what will be stored; rules may complete it
    std::chrono::system_clock::time_point now{};
};

struct TypeRules {
    std::string_view collection;
    // Errors are kInvalidArgument, with the field's JSON pointer in `where`.
    base::Result<void> (*check)(ObjectWrite&) = nullptr;
    // Two stored objects never have the same key. Nothing: the object collides with none.
    std::optional<std::string> (*unique_key)(const boost::json::object&) = nullptr;
    // "Asset exists with instanceID=i-1 and location=eu/vpc"
    std::string (*conflict)(const boost::json::object&) = nullptr;
};

// Never null: a collection without rules of its own has empty ones.
const TypeRules& rules_of(std::string_view collection);

}  // namespace vmsecurity::apiserver
