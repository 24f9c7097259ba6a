#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

// The shape of the API's objects as constant tables. tools/apigen writes the tables from
// api/openapi.yaml (model/api/tables.h); validation, canonical JSON, merge patch, OData binding and
// column writers walk them, so that a field is described once.
namespace vmsecurity::model::schema {

enum class Kind : std::uint8_t {
    kString,
    kInteger,  // int64
    kNumber,   // double
    kBoolean,
    kTime,    // RFC 3339 date-time as text; compared as an instant
    kObject,  // `schema` names its fields
    kUnion,   // `schema` names its variants, told apart by `discriminator`
    kArray,   // of `element`
    kAny,     // any JSON object; nobody looks into it, and OData but by contains()
};

struct Schema;
struct Collection;

struct Type {
    Kind kind = Kind::kAny;
    bool nullable = false;  // JSON null is a value of its own, apart from absent
    const Schema* schema = nullptr;
    const Type* element = nullptr;
    // The allowed words. Where `ranked`, they stand in rising order of gravity, and OData compares
    // and sorts by that order, not by the text.
    std::span<const std::string_view> enumeration = {};
    bool ranked = false;
    std::optional<double> minimum = std::nullopt;
    std::optional<double> maximum = std::nullopt;
    std::uint32_t min_length = 0;  // of strings, in code points
    std::uint32_t max_length = 0;  // of strings; 0: no limit but the body's
    std::uint32_t max_items = 0;   // of arrays; 0: no limit but the body's
};

struct Field {
    std::string_view name;
    Type type;
    bool required = false;
    bool read_only = false;  // set by the server; what a client sends is ignored
    // For {"id": ...} and arrays of them: the collection that the id is of; $expand follows it.
    // The other members of such an object are read-only: there when it is expanded, never stored.
    const Collection* relation = nullptr;
};

struct Variant {
    std::string_view value;  // of the discriminator
    const Schema* schema;
};

// An object or a union. Fields stand in the canonical order, which is the order of their names with
// the first letter in upper case (what 0.6 clients see, and what contains() on objects matches).
//
// The fields of a union are those of all its variants as OData sees them: of each name, that of the
// first variant that has it. Where the variants' words differ, the enumeration holds all of them;
// ranked ones merge by gravity (x-ranked in api/README.md), so that HIGH and
// MisconfigurationHighSeverity compare.
struct Schema {
    std::string_view name;
    std::span<const Field> fields = {};
    std::string_view discriminator = {};
    std::span<const Variant> variants = {};
    std::uint32_t min_properties = 0;
    bool closed = false;  // an unknown member is an error; else it is dropped

    const Field* find(std::string_view field) const;      // nullptr if there is none
    const Schema* variant(std::string_view value) const;  // of a union; nullptr if there is none
    // As find(); of a table made by hand without a union's fields, that of the first variant.
    const Field* find_in_any_variant(std::string_view field) const;
};

enum class ColumnType : std::uint8_t { kText, kInteger, kReal, kBoolean, kTime, kRank };

// A path that has a typed column of its own in the collection's table, beside the document.
// kTime: int64 nanoseconds since 1970, kRank: the place in the enumeration, from 0.
struct HotColumn {
    std::string_view name;  // of the column: "found_on"
    std::string_view path;  // "foundOn", "findingInfo/package/name"
    ColumnType type;
    const Field* field = nullptr;  // at the path; kRank counts in the enumeration of its type
};

// A collection of the API: /assets and so on.
struct Collection {
    std::string_view name;      // "assetScans", also its path
    std::string_view singular;  // "assetScan", the member of a 409 body
    std::string_view table;     // "asset_scans"
    const Schema* schema;
    std::span<const HotColumn> columns;
    // Top-level members kept in rows of their own (results of asset scans): not filterable, in a
    // list only when $select names them.
    std::span<const std::string_view> separate;
    bool has_revision = true;
    bool read_only = false;  // a view
};

}  // namespace vmsecurity::model::schema
