#include "model/schema/validate.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/schema/json_pointer.h"
#include "model/schema/numbers.h"
#include "model/schema/time.h"

namespace vmsecurity::model::schema {
namespace {

std::string_view name_of_kind(boost::json::kind kind) {
    switch (kind) {
        case boost::json::kind::null:
            return "null";
        case boost::json::kind::bool_:
            return "true or false";
        case boost::json::kind::int64:
        case boost::json::kind::uint64:
        case boost::json::kind::double_:
            return "a number";
        case boost::json::kind::string:
            return "text";
        case boost::json::kind::array:
            return "an array";
        case boost::json::kind::object:
            return "an object";
    }
    return "something else";
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// What a client sent, short enough to repeat.
std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 60;
    if (text.size() <= kMost) return fmt::format("\"{}\"", text);
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return fmt::format("\"{}…\"", text.substr(0, end));
}

class Validator {
  public:
    Validator(Mode mode, std::size_t max_faults) : mode_(mode), max_faults_(max_faults) {}

    void check(const Schema& schema, const boost::json::value& value) {
        const boost::json::object* object = value.if_object();
        if (object == nullptr) return wrong_kind("an object", value);
        if (schema.discriminator.empty()) return check_members(schema, *object, true);
        check_union(schema, *object);
    }

    void check(const Type& type, const boost::json::value& value) {
        if (value.is_null()) {
            if (!type.nullable) fail("must not be null; leave the member out to leave it unset");
            return;
        }
        switch (type.kind) {
            case Kind::kString:
                return check_string(type, value);
            case Kind::kTime:
                return check_time(value);
            case Kind::kInteger:
            case Kind::kNumber:
                return check_number(type, value);
            case Kind::kBoolean:
                if (!value.is_bool()) wrong_kind("true or false", value);
                return;
            case Kind::kArray:
                return check_array(type, value);
            case Kind::kObject:
            case Kind::kUnion:
                return check(*type.schema, value);
            case Kind::kAny:
                if (!value.is_object()) wrong_kind("an object", value);
                return;
        }
    }

    std::vector<Fault> take() { return std::move(faults_); }

  private:
    bool is_full() const { return faults_.size() >= max_faults_; }

    void fail(std::string reason) {
        if (!is_full()) faults_.push_back({where_.text(), std::move(reason)});
    }
    void fail(std::string_view member, std::string reason) {
        const JsonPointer::Step step = where_.push(member);
        fail(std::move(reason));
    }
    void wrong_kind(std::string_view wanted, const boost::json::value& value) {
        fail(fmt::format("must be {}, not {}", wanted, name_of_kind(value.kind())));
    }

    void check_union(const Schema& schema, const boost::json::object& object) {
        const boost::json::value* discriminator = object.if_contains(schema.discriminator);
        const auto words = [&] {
            std::vector<std::string_view> all;
            for (const Variant& variant : schema.variants) all.push_back(variant.value);
            return fmt::format("{}", fmt::join(all, ", "));
        };
        if (discriminator == nullptr) {
            if (mode_ == Mode::kPatch) return;
            return fail(schema.discriminator, fmt::format("is required: one of {}", words()));
        }
        const boost::json::string* value = discriminator->if_string();
        const Schema* variant = value == nullptr ? nullptr : schema.variant(*value);
        if (variant == nullptr) {
            return fail(schema.discriminator, fmt::format("must be one of {}", words()));
        }
        check_members(*variant, object, false);
    }

    void check_members(const Schema& schema, const boost::json::object& object, bool required) {
        for (const auto& member : object) {
            if (is_full()) return;
            const Field* field = schema.find(member.key());
            const JsonPointer::Step step = where_.push(std::string_view(member.key()));
            if (field == nullptr) {
                if (schema.closed) fail(fmt::format("is unknown here; {}", known_members(schema)));
            } else if (!field->read_only) {
                check_member(*field, member.value(), required);
            }
        }
        if (mode_ == Mode::kWhole && required) check_required(schema, object);
        if (object.size() < schema.min_properties) {
            fail(fmt::format("needs at least {} of its members; {}", schema.min_properties,
                             known_members(schema)));
        }
    }

    void check_member(const Field& field, const boost::json::value& value, bool required) {
        if (mode_ == Mode::kPatch && value.is_null()) {
            if (field.required && required) fail("is required and cannot be cleared");
            return;
        }
        // RFC 7386 replaces arrays whole.
        const Mode mode = mode_;
        if (field.type.kind == Kind::kArray) mode_ = Mode::kWhole;
        check(field.type, value);
        mode_ = mode;
    }

    void check_required(const Schema& schema, const boost::json::object& object) {
        for (const Field& field : schema.fields) {
            if (field.required && !field.read_only && !object.contains(field.name)) {
                fail(field.name, "is required");
            }
        }
    }

    static std::string known_members(const Schema& schema) {
        std::vector<std::string_view> names;
        for (const Field& field : schema.fields) names.push_back(field.name);
        return fmt::format("known are {}", fmt::join(names, ", "));
    }

    void check_string(const Type& type, const boost::json::value& value) {
        const boost::json::string* text = value.if_string();
        if (text == nullptr) return wrong_kind("text", value);
        if (!type.enumeration.empty() &&
            std::ranges::find(type.enumeration, std::string_view(*text)) ==
                type.enumeration.end()) {
            return fail(fmt::format("must be one of {}; {} is not",
                                    fmt::join(type.enumeration, ", "), shown(*text)));
        }
        const std::size_t length = code_points(*text);
        if (length < type.min_length) {
            fail(type.min_length == 1
                     ? "must not be empty"
                     : fmt::format("must have at least {} characters", type.min_length));
        } else if (type.max_length != 0 && length > type.max_length) {
            fail(fmt::format("must have at most {} characters, and has {}", type.max_length,
                             length));
        }
    }

    void check_time(const boost::json::value& value) {
        const boost::json::string* text = value.if_string();
        if (text == nullptr) return wrong_kind("a date-time as text", value);
        if (!parse_time(*text)) {
            fail(fmt::format(
                "must be a date-time by RFC 3339, such as 2023-01-20T15:46:18Z; {} is not",
                shown(*text)));
        }
    }

    void check_number(const Type& type, const boost::json::value& value) {
        const bool whole = type.kind == Kind::kInteger;
        if (!value.is_number()) return wrong_kind(whole ? "a whole number" : "a number", value);
        const std::optional<double> number = real_number(value);
        if (whole && !whole_number(value)) {
            const bool fraction = number && std::trunc(*number) != *number;
            return fail(fraction ? "must be a whole number" : "is out of the range of 64 bits");
        }
        if (!number) return fail("is out of range");
        if ((type.minimum && *number < *type.minimum) ||
            (type.maximum && *number > *type.maximum)) {
            fail(range(type));
        }
    }

    static std::string range(const Type& type) {
        if (!type.maximum) return fmt::format("must be {} or more", *type.minimum);
        if (!type.minimum) return fmt::format("must be {} or less", *type.maximum);
        return fmt::format("must be from {} to {}", *type.minimum, *type.maximum);
    }

    void check_array(const Type& type, const boost::json::value& value) {
        const boost::json::array* array = value.if_array();
        if (array == nullptr) return wrong_kind("an array", value);
        if (type.max_items != 0 && array->size() > type.max_items) {
            fail(fmt::format("must have at most {} items, and has {}", type.max_items,
                             array->size()));
            return;
        }
        for (std::size_t index = 0; index < array->size() && !is_full(); ++index) {
            const JsonPointer::Step step = where_.push(index);
            check(*type.element, (*array)[index]);
        }
    }

    Mode mode_;
    std::size_t max_faults_;
    JsonPointer where_;
    std::vector<Fault> faults_;
};

}  // namespace

std::vector<Fault> validate(const Schema& schema, const boost::json::value& value, Mode mode,
                            std::size_t max_faults) {
    Validator validator(mode, max_faults);
    validator.check(schema, value);
    return validator.take();
}

std::vector<Fault> validate(const Type& type, const boost::json::value& value) {
    Validator validator(Mode::kWhole, 1);
    validator.check(type, value);
    return validator.take();
}

}  // namespace vmsecurity::model::schema
