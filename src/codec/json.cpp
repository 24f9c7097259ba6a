#include "codec/json.h"

#include <fmt/format.h>

namespace vmsecurity::codec {

base::Result<boost::json::value> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.max_bytes) {
        return base::fail(
            base::ErrorCode::kLimitExceeded,
            fmt::format("JSON text of {} bytes, the limit is {}", text.size(), limits.max_bytes));
    }
    try {
        boost::json::parse_options options;
        options.max_depth = limits.max_depth;
        boost::json::parser parser({}, options);
        boost::json::error_code error;
        const std::size_t used = parser.write(text.data(), text.size(), error);
        if (error) {
            return base::fail(base::ErrorCode::kCorrupt, "not valid JSON",
                              fmt::format("byte {}", used), error.message());
        }
        return parser.release();
    } catch (const std::exception& exception) {
        return base::fail(base::ErrorCode::kCorrupt, "JSON text cannot be read", {},
                          exception.what());
    }
}

std::string_view text_member(const boost::json::object& object, std::string_view name) {
    const boost::json::value* member = object.if_contains(name);
    if (member == nullptr || !member->is_string()) return {};
    const boost::json::string& text = member->get_string();
    return {text.data(), text.size()};
}

const boost::json::object* object_member(const boost::json::object& object, std::string_view name) {
    const boost::json::value* member = object.if_contains(name);
    return member == nullptr ? nullptr : member->if_object();
}

const boost::json::array* array_member(const boost::json::object& object, std::string_view name) {
    const boost::json::value* member = object.if_contains(name);
    return member == nullptr ? nullptr : member->if_array();
}

}  // namespace vmsecurity::codec
