#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/client/columns.h"
#include "codec/json.h"
#include "model/schema/display.h"

namespace vmsecurity::cli {

enum class OutputFormat : std::uint8_t { kTable, kJson, kNdjson, kYaml, kCsv };
base::Result<OutputFormat> parse_output_format(std::string_view word);
inline constexpr std::string_view kOutputFormats = "table, json, ndjson, yaml or csv";

// Objects to standard output, one after the other. Only a table holds them back, to measure them.
class ObjectWriter {
  public:
    virtual ~ObjectWriter() = default;
    virtual base::Result<void> add(const boost::json::object& object) = 0;
    virtual base::Result<void> finish() = 0;
};

struct OutputSettings {
    OutputFormat format = OutputFormat::kTable;
    const model::schema::Display* display = nullptr;
    std::string select;       // $select, whose paths are the columns
    bool is_applied = false;  // rows of $apply, which have no schema
    bool is_list = true;      // false: one object, not in an array
};
std::unique_ptr<ObjectWriter> make_object_writer(const OutputSettings& settings);

base::Result<void> write_out(std::string_view text);

// JSON for people: two spaces a level.
std::string pretty_json(const boost::json::value& value);

}  // namespace vmsecurity::cli
