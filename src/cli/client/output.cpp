#include "cli/client/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "cli/client/table.h"
#include "cli/client/yaml.h"
#include "codec/json_writer.h"
#include "model/schema/canonical.h"
#include "model/schema/csv.h"

namespace vmsecurity::cli {
namespace {

constexpr unsigned kIndent = 2;

std::string indented(std::string text, std::size_t spaces) {
    const std::string pad(spaces, ' ');
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
        text.insert(at + 1, pad);
    }
    return pad + text;
}

class JsonObjects : public ObjectWriter {
  public:
    explicit JsonObjects(bool is_list) : is_list_(is_list) {}
    base::Result<void> add(const boost::json::object& object) override {
        if (!is_list_) return write_out(pretty_json(object) + '\n');
        return write_out((std::exchange(any_, true) ? ",\n" : "[\n") +
                         indented(pretty_json(object), kIndent));
    }
    base::Result<void> finish() override {
        if (!is_list_) return {};
        return write_out(any_ ? "\n]\n" : "[]\n");
    }

  private:
    bool is_list_;
    bool any_ = false;
};

class NdjsonObjects : public ObjectWriter {
  public:
    base::Result<void> add(const boost::json::object& object) override {
        codec::JsonWriter writer;
        model::schema::write_json(writer, object);
        return write_out(writer.take() + '\n');
    }
    base::Result<void> finish() override { return {}; }
};

class YamlObjects : public ObjectWriter {
  public:
    explicit YamlObjects(bool is_list) : is_list_(is_list) {}
    base::Result<void> add(const boost::json::object& object) override {
        if (!is_list_) return write_out(to_yaml(object));
        any_ = true;
        boost::json::array list;
        list.emplace_back(object);
        return write_out(to_yaml(list));
    }
    base::Result<void> finish() override {
        return any_ || !is_list_ ? base::Result<void>{} : write_out("[]\n");
    }

  private:
    bool is_list_;
    bool any_ = false;
};

class CsvObjects : public ObjectWriter {
  public:
    explicit CsvObjects(std::optional<model::schema::CsvColumns> columns)
        : columns_(std::move(columns)) {}
    base::Result<void> add(const boost::json::object& object) override {
        if (!columns_) {
            columns_.emplace();
            for (const Column& column : columns_of(object)) columns_->push_back(column.title);
        }
        VMSECURITY_TRY(begin());
        return write_out(model::schema::csv_row(*columns_, object));
    }
    base::Result<void> finish() override { return columns_ ? begin() : base::Result<void>{}; }

  private:
    base::Result<void> begin() {
        if (std::exchange(begun_, true)) return {};
        return write_out(model::schema::csv_header(*columns_));
    }
    std::optional<model::schema::CsvColumns> columns_;  // nothing: those of the first row
    bool begun_ = false;
};

std::unique_ptr<ObjectWriter> make_csv(const OutputSettings& settings) {
    if (settings.is_applied) return std::make_unique<CsvObjects>(std::nullopt);
    if (settings.select.empty()) {
        return std::make_unique<CsvObjects>(
            model::schema::csv_columns(*settings.display->collection->schema));
    }
    model::schema::CsvColumns columns;
    for (const Column& column : columns_of(*settings.display, settings.select)) {
        columns.push_back(column.title);
    }
    return std::make_unique<CsvObjects>(std::move(columns));
}

}  // namespace

base::Result<OutputFormat> parse_output_format(std::string_view word) {
    if (word == "table") return OutputFormat::kTable;
    if (word == "json") return OutputFormat::kJson;
    if (word == "ndjson") return OutputFormat::kNdjson;
    if (word == "yaml") return OutputFormat::kYaml;
    if (word == "csv") return OutputFormat::kCsv;
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("'{}' is no format: take {}", base::escape_bytes(word), kOutputFormats));
}

std::string pretty_json(const boost::json::value& value) {
    codec::JsonWriter writer(kIndent);
    model::schema::write_json(writer, value);
    return writer.take();
}

base::Result<void> write_out(std::string_view text) {
    return base::write_all(STDOUT_FILENO, base::as_bytes(text));
}

std::unique_ptr<ObjectWriter> make_object_writer(const OutputSettings& settings) {
    switch (settings.format) {
        case OutputFormat::kJson:
            return std::make_unique<JsonObjects>(settings.is_list);
        case OutputFormat::kNdjson:
            return std::make_unique<NdjsonObjects>();
        case OutputFormat::kYaml:
            return std::make_unique<YamlObjects>(settings.is_list);
        case OutputFormat::kCsv:
            return make_csv(settings);
        case OutputFormat::kTable:
            break;
    }
    return make_table(settings.is_applied ? std::vector<Column>{}
                                          : columns_of(*settings.display, settings.select));
}

}  // namespace vmsecurity::cli
