// Made by tools/apigen from api/openapi.yaml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "codec/json.h"
#include "model/schema/nullable.h"
#include "model/schema/time.h"

// The objects of the API. Members that need not be there are in std::optional, relations in Boxed,
// and those that may also be null in Nullable. The member that tells a union's variants apart is
// said by the type alone; the others of a variant need not be there, whatever it requires.
namespace vmsecurity::model::api {

enum class FlawSeverity : std::uint8_t {
    kLow,
    kMedium,
    kHigh,
};
std::string_view to_string(FlawSeverity value);
// False, and `value` as it was, if it is none of the words.
[[nodiscard]] bool parse(std::string_view text, FlawSeverity& value);

enum class SettingSeverity : std::uint8_t {
    kWeak,
    kGrave,
};
std::string_view to_string(SettingSeverity value);
// False, and `value` as it was, if it is none of the words.
[[nodiscard]] bool parse(std::string_view text, SettingSeverity& value);

struct Metadata {
    std::optional<std::string> note;
    bool operator==(const Metadata&) const = default;
};

struct Flaw {
    std::optional<std::int64_t> score;
    std::optional<FlawSeverity> severity;
    bool operator==(const Flaw&) const = default;
};

struct Setting {
    std::optional<std::string> name;
    std::optional<SettingSeverity> severity;
    bool operator==(const Setting&) const = default;
};

using Info = std::variant<Flaw, Setting>;

struct ThingRelationship {
    std::string id{};
    std::optional<schema::Time> seen;
    bool operator==(const ThingRelationship&) const = default;
};

struct Thing {
    std::optional<double> odata_weight;
    std::optional<std::string> id;
    std::optional<Info> info;
    schema::Nullable<std::vector<std::string>> labels;
    std::optional<std::string> note;
    schema::Boxed<ThingRelationship> owner;
    std::optional<boost::json::object> raw;
    std::optional<schema::Time> seen;
    bool operator==(const Thing&) const = default;
};

}  // namespace vmsecurity::model::api
