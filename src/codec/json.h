#pragma once

#include <cstdint>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

// The one door to Boost.JSON: everything outside this folder and the generated part of model
// includes this header, and parses with the limits below.
namespace vmsecurity::codec {

struct JsonLimits {
    std::size_t max_depth = 64;             // of nested arrays and objects
    std::size_t max_bytes = 1024ULL << 20;  // of the text
};

// One whole JSON text (RFC 8259, UTF-8). Errors say the byte at which the text stops being JSON.
base::Result<boost::json::value> parse_json(std::string_view text, const JsonLimits& limits = {});

// Calls `visit` for each text of a stream of JSON texts with white space between them: one record,
// or one a line (NDJSON), without holding more than one in memory. `visit` gets the value, or the
// error of one line (the stream then goes on at the next line), and answers false to stop.
// `line` counts from 1.
template <typename Visit>
void for_each_json_line(std::string_view text, Visit&& visit, const JsonLimits& limits = {}) {
    std::uint64_t line = 1;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view one = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (one.find_first_not_of(" \t\r") != std::string_view::npos) {
            if (!visit(line, parse_json(one, limits))) return;
        }
        ++line;
    }
}

// Members of an object by name; nothing where the member is absent or of another type.
std::string_view text_member(const boost::json::object& object, std::string_view name);
const boost::json::object* object_member(const boost::json::object& object, std::string_view name);
const boost::json::array* array_member(const boost::json::object& object, std::string_view name);

}  // namespace vmsecurity::codec
