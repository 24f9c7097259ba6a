#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "model/api/json.h"
#include "model/api/tables.h"
#include "model/schema/canonical.h"
#include "model/schema/columns.h"
#include "model/schema/merge.h"
#include "model/schema/validate.h"

using namespace vmsecurity;
using namespace vmsecurity::model;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

// Whether all numbers are the same when their text is read again. Boost.JSON 1.81 reads some of
// more than 15 digits one unit of their last place off.
bool keeps_numbers(const boost::json::value& value) {
    if (const double* number = value.if_double()) {
        const auto again = codec::parse_json(fmt::format("{}", *number));
        return again.has_value() && again->is_number() && again->to_number<double>() == *number;
    }
    if (const boost::json::array* array = value.if_array()) {
        return std::ranges::all_of(*array, keeps_numbers);
    }
    if (const boost::json::object* object = value.if_object()) {
        return std::ranges::all_of(
            *object, [](const auto& member) { return keeps_numbers(member.value()); });
    }
    return true;
}

// A valid body stays valid in its canonical text, which is its own canonical text.
void check_valid(const schema::Schema& schema, boost::json::object body) {
    schema::drop_read_only(schema, body);
    const std::string text = schema::canonical_text(schema, body);
    const base::Result<boost::json::value> again = codec::parse_json(text);
    require(again.has_value() && again->is_object());
    require(schema::validate(schema, *again, schema::Mode::kWhole).empty());
    require(schema::canonical_text(schema, again->get_object()) == text);
}

}  // namespace

// The first line names an object of the API, the rest is its JSON, as it comes in a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t line = input.find('\n');
    if (line == std::string_view::npos) return 0;
    const schema::Schema* schema = api::find_schema(input.substr(0, line));
    const base::Result<boost::json::value> body = codec::parse_json(input.substr(line + 1));
    if (schema == nullptr || !body) return 0;

    const bool valid = schema::validate(*schema, *body, schema::Mode::kWhole).empty();
    (void)schema::validate(*schema, *body, schema::Mode::kPatch);
    if (schema == &api::kFindingSchema) (void)api::from_json<api::Finding>(*body);
    if (schema == &api::kAssetScanSchema) (void)api::from_json<api::AssetScan>(*body);
    if (!body->is_object()) return 0;

    const boost::json::object& object = body->get_object();
    if (valid && keeps_numbers(*body)) check_valid(*schema, object);
    // None of these may fall over what is not valid either.
    (void)schema::canonical_text(*schema, object);
    boost::json::object target = object;
    schema::merge_patch(*schema, target, object);
    for (const schema::Collection* collection : api::collections()) {
        if (collection->schema == schema) (void)schema::column_values(*collection, object);
    }
    return 0;
}
