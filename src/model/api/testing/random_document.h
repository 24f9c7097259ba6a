#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "codec/json.h"
#include "model/schema/schema.h"
#include "model/schema/time.h"

namespace vmsecurity::model::api::testing_support {

// Makes valid documents of a schema at random: members that need not be there are there or not,
// nullable ones are null at times, limits are kept, and now and then there is an unknown member.
class RandomDocument {
  public:
    explicit RandomDocument(std::uint64_t seed) : random_(seed) {}

    boost::json::object object(const schema::Schema& schema, int depth = 0) {
        if (!schema.discriminator.empty()) {
            const schema::Variant& variant = schema.variants[below(schema.variants.size())];
            boost::json::object made = object(*variant.schema, depth);
            made[schema.discriminator] = variant.value;
            return made;
        }
        boost::json::object made;
        for (const schema::Field& field : schema.fields) {
            if (field.read_only) continue;
            const bool deep = depth > 6;
            if (field.required || made.size() < schema.min_properties || (!deep && below(2) == 0)) {
                made[field.name] = value(field.type, depth + 1);
            }
        }
        if (!schema.closed && below(8) == 0) made["unknown member"] = text(3);
        return made;
    }

    boost::json::value value(const schema::Type& type, int depth) {
        if (type.nullable && below(4) == 0) return nullptr;
        switch (type.kind) {
            case schema::Kind::kString:
                if (!type.enumeration.empty()) {
                    return boost::json::value(type.enumeration[below(type.enumeration.size())]);
                }
                return boost::json::value(text(type.min_length + below(9)));
            case schema::Kind::kInteger:
                return integer(type);
            case schema::Kind::kNumber:
                return type.maximum ? boost::json::value(0.25) : boost::json::value(number());
            case schema::Kind::kBoolean:
                return below(2) == 0;
            case schema::Kind::kTime:
                return boost::json::value(time());
            case schema::Kind::kObject:
            case schema::Kind::kUnion:
                return object(*type.schema, depth);
            case schema::Kind::kArray: {
                boost::json::array items;
                const std::size_t count = below(4);
                for (std::size_t i = 0; i < count; ++i)
                    items.push_back(value(*type.element, depth));
                return items;
            }
            case schema::Kind::kAny:
                return boost::json::object{{text(2), {nullptr, 1.5, text(4)}}};
        }
        return nullptr;
    }

  private:
    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
    }

    std::string text(std::size_t characters) {
        static constexpr std::array<std::string_view, 12> kCharacters = {
            "a", "Z", "0", " ", "\"", "\\", "\n", "/", "é", "\U0001F600", "\x7f", "%"};
        std::string made;
        for (; characters > 0; --characters) made += kCharacters[below(kCharacters.size())];
        return made;
    }

    boost::json::value integer(const schema::Type& type) {
        const std::int64_t least = type.minimum ? static_cast<std::int64_t>(*type.minimum) : -1000;
        const std::int64_t most = type.maximum ? static_cast<std::int64_t>(*type.maximum) : 1000;
        const auto number = std::uniform_int_distribution<std::int64_t>(least, most)(random_);
        if (below(4) == 0) return static_cast<double>(number);
        return number;
    }

    double number() {
        static constexpr std::array<double, 6> kNumbers = {0.1, -0.0, 1e300, 5e-324, 7.0, -2.5};
        return kNumbers[below(kNumbers.size())];
    }

    std::string time() {
        static constexpr std::array<std::string_view, 5> kTimes = {
            "2023-01-20T15:46:18Z", "2023-01-20T16:46:18.250+01:00", "0001-01-01T00:00:00Z",
            "2016-12-31T23:59:60Z", "9999-12-31T23:59:59.999999999Z"};
        return std::string(kTimes[below(kTimes.size())]);
    }

    std::mt19937_64 random_;
};

}  // namespace vmsecurity::model::api::testing_support
