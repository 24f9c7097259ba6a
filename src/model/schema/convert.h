#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "model/schema/nullable.h"
#include "model/schema/time.h"

// What the generated converters (model/api/json.h) are made of. read() gives false and says in
// `fault` what is wrong; the callers on the way out say where.
namespace vmsecurity::model::schema {

struct ReadFault {
    std::string pointer;  // RFC 6901
    std::string reason;

    bool fail(std::string_view text) {
        reason = text;
        return false;
    }
    bool below(std::string_view member) {
        pointer.insert(0, member).insert(0, "/");
        return false;
    }
};

bool read(const boost::json::value& value, std::string& out, ReadFault& fault);
bool read(const boost::json::value& value, std::int64_t& out, ReadFault& fault);
bool read(const boost::json::value& value, double& out, ReadFault& fault);
bool read(const boost::json::value& value, bool& out, ReadFault& fault);
bool read(const boost::json::value& value, Time& out, ReadFault& fault);
bool read(const boost::json::value& value, boost::json::object& out, ReadFault& fault);

inline boost::json::value write(const std::string& value) {
    return boost::json::value(value);
}
inline boost::json::value write(std::int64_t value) {
    return value;
}
inline boost::json::value write(double value) {
    return value;
}
inline boost::json::value write(bool value) {
    return value;
}
inline boost::json::value write(const Time& value) {
    return boost::json::value(format_time(value));
}
inline boost::json::value write(const boost::json::object& value) {
    return value;
}

template <typename T>
bool read(const boost::json::value& value, std::vector<T>& out, ReadFault& fault) {
    const boost::json::array* array = value.if_array();
    if (array == nullptr) return fault.fail("must be an array");
    out.clear();
    out.reserve(array->size());
    for (std::size_t index = 0; index < array->size(); ++index) {
        T item{};
        if (!read((*array)[index], item, fault)) return fault.below(std::to_string(index));
        out.push_back(std::move(item));
    }
    return true;
}

template <typename T>
boost::json::value write(const std::vector<T>& values) {
    boost::json::array array;
    array.reserve(values.size());
    for (const T& value : values) array.push_back(write(value));
    return array;
}

// -- Members: required, optional, boxed, nullable --

template <typename T>
bool read_member(const boost::json::object& object, std::string_view name, T& out,
                 ReadFault& fault) {
    const boost::json::value* value = object.if_contains(name);
    if (value == nullptr) {
        fault.fail("is required");
        return fault.below(name);
    }
    return read(*value, out, fault) || fault.below(name);
}

template <typename Optional>
bool read_optional(const boost::json::object& object, std::string_view name, Optional& out,
                   ReadFault& fault) {
    const boost::json::value* value = object.if_contains(name);
    if (value == nullptr) return true;
    return read(*value, out.emplace(), fault) || fault.below(name);
}

template <typename T>
bool read_member(const boost::json::object& object, std::string_view name, std::optional<T>& out,
                 ReadFault& fault) {
    return read_optional(object, name, out, fault);
}

template <typename T>
bool read_member(const boost::json::object& object, std::string_view name, Boxed<T>& out,
                 ReadFault& fault) {
    return read_optional(object, name, out, fault);
}

template <typename T>
bool read_member(const boost::json::object& object, std::string_view name, Nullable<T>& out,
                 ReadFault& fault) {
    const boost::json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_null()) return read_optional(object, name, out, fault);
    out = Nullable<T>::null();
    return true;
}

template <typename T>
void write_member(boost::json::object& object, std::string_view name, const T& value) {
    object.emplace(name, write(value));
}

template <typename T>
void write_member(boost::json::object& object, std::string_view name,
                  const std::optional<T>& value) {
    if (value) object.emplace(name, write(*value));
}

template <typename T>
void write_member(boost::json::object& object, std::string_view name, const Boxed<T>& value) {
    if (value) object.emplace(name, write(*value));
}

template <typename T>
void write_member(boost::json::object& object, std::string_view name, const Nullable<T>& value) {
    if (value.is_null()) object.emplace(name, nullptr);
    if (value) object.emplace(name, write(*value));
}

}  // namespace vmsecurity::model::schema
