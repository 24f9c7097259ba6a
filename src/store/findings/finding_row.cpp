#include "store/findings/finding_row.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/identifiers.h"
#include "findings/severity_rank.h"
#include "model/api/tables.h"
#include "model/schema/canonical.h"
#include "model/schema/columns.h"
#include "model/schema/time.h"
#include "odata/project/slices.h"
#include "sql/query.h"
#include "store/findings/name_columns.h"

namespace vmsecurity::store {
namespace {

using model::api::kFindingsCollection;
using model::schema::ColumnType;
using sql::Value;

// The columns that follow from no hot path stand first.
enum Place : std::size_t { kId, kRevision, kContent, kImpact, kHead, kTail, kHotColumns };

std::string_view postgres_type(ColumnType type) {
    switch (type) {
        case ColumnType::kText:
            return "text";
        case ColumnType::kInteger:
        case ColumnType::kTime:
            return "bigint";
        case ColumnType::kReal:
            return "double precision";
        case ColumnType::kBoolean:
            return "boolean";
        case ColumnType::kRank:
            return "smallint";
    }
    return "text";
}

struct Columns {
    std::vector<std::string_view> names = {"id", "revision", "content", "impact", "head", "tail"};
    std::vector<std::string_view> types = {"text", "bigint", "bigint", "bigint", "text", "text"};
    Columns() {
        for (const auto& column : kFindingsCollection.columns) {
            names.push_back(column.name);
            types.push_back(postgres_type(column.type));
        }
    }
};

const Columns& columns() {
    static const Columns kColumns;
    return kColumns;
}

// The members that views put into the text. What the schema has before them is in the head, what it
// has after them in the tail.
constexpr std::string_view kFirstSpliced = "invalidatedOn";
constexpr std::string_view kSpliced[] = {"invalidatedOn", "key", "lastSeen"};

bool belongs_to_head(std::string_view member) {
    static const std::vector<std::string_view> kHeadMembers = [] {
        std::vector<std::string_view> members;
        for (const auto& field : model::api::kFindingSchema.fields) {
            if (field.name == kFirstSpliced) break;
            members.push_back(field.name);
        }
        return members;
    }();
    return std::ranges::find(kHeadMembers, member) != kHeadMembers.end();
}

std::string in_quotes(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

std::string time_text(std::int64_t time) {
    return model::schema::format_time(model::schema::from_nanoseconds(time));
}

Value to_sql(model::schema::ColumnValue value) {
    return std::visit([](auto&& one) { return Value(std::forward<decltype(one)>(one)); },
                      std::move(value));
}

std::optional<std::int64_t> integer(const Value& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    return number == nullptr ? std::nullopt : std::optional(*number);
}

// PostgreSQL refuses a row whose entry in an index is larger than 2,704 bytes, and names on a
// scanned disk are as long as somebody wants. The document has them whole.
constexpr std::size_t kMaxColumnBytes = 1000;

void bound_text(std::string& text) {
    if (text.size() <= kMaxColumnBytes) return;
    std::size_t end = kMaxColumnBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
}

void append_hot(std::vector<Value>& values, const boost::json::object& document) {
    for (auto& value : model::schema::column_values(kFindingsCollection, document)) {
        if (auto* text = std::get_if<std::string>(&value)) bound_text(*text);
        values.push_back(to_sql(std::move(value)));
    }
}

Value& at(std::vector<Value>& values, std::string_view name) {
    return values[finding_column(name)];
}

void set_times(FindingRow& row, const FindingTimes& times) {
    at(row.values, "found_on") = sql::to_value(times.found_on);
    at(row.values, "invalidated_on") = sql::to_value(times.invalidated_on);
    at(row.values, "last_seen") = sql::to_value(times.last_seen);
    row.counted.found_on = times.found_on;
    row.counted.invalidated_on = times.invalidated_on;
}

}  // namespace

std::span<const std::string_view> finding_columns() {
    return columns().names;
}
std::span<const std::string_view> finding_column_types() {
    return columns().types;
}

std::size_t finding_column(std::string_view name) {
    const auto& names = columns().names;
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

FindingRow observed_row(const Observation& observation, findings::ObservedFinding finding,
                        std::string info_text, std::int64_t content, const FindingTimes& times) {
    FindingRow row;
    const std::string id = base::ordered_uuid();
    const std::int64_t impact =
        findings::short_digest(findings::impact_key(observation.type, finding.info));
    row.counted.type = observation.type;
    row.counted.asset_id = observation.asset_id;
    row.counted.severity = findings::severity_rank(finding.info);
    row.counted.impact = impact;

    std::string head = "{\"asset\":{\"id\":" + in_quotes(observation.asset_id) + '}';
    boost::json::object document;
    if (!finding.enrichment.empty()) {
        const auto& type = model::api::kFindingSchema.find("enrichment")->type;
        head +=
            ",\"enrichment\":" + model::schema::canonical_text(*type.schema, finding.enrichment);
        document["enrichment"] = std::move(finding.enrichment);
    }
    if (!finding.evidence.empty()) {
        head += ",\"evidence\":" + boost::json::serialize(finding.evidence);
    }
    head += ",\"findingInfo\":" + info_text +
            ",\"foundBy\":{\"id\":" + in_quotes(observation.asset_scan_id) + '}';
    if (times.found_on) head += ",\"foundOn\":\"" + time_text(*times.found_on) + '"';
    head += ",\"id\":\"" + id + '"';
    std::string tail;
    if (!finding.location.empty()) {
        tail += ",\"location\":" + in_quotes(finding.location);
        document["location"] = finding.location;
    }
    if (!finding.scanner.empty()) {
        tail += ",\"scanner\":" + in_quotes(finding.scanner);
        document["scanner"] = finding.scanner;
    }
    tail += '}';
    document["findingInfo"] = std::move(finding.info);

    row.values.reserve(finding_columns().size());
    row.values = sql::bind(id, std::int64_t{1}, content, impact, std::move(head), std::move(tail));
    append_hot(row.values, document);
    at(row.values, "asset_id") = observation.asset_id;
    at(row.values, "found_by_id") = observation.asset_scan_id;
    at(row.values, "key") = std::move(finding.key);
    set_times(row, times);
    row.sample = std::move(info_text);
    return row;
}

FindingRow document_row(std::string_view id, std::int64_t revision, boost::json::object document,
                        bool follows_observations) {
    FindingRow row;
    document["id"] = id;
    findings::ObservedFinding said;
    said.location = codec::text_member(document, "location");
    const auto take = [&](std::string_view member, boost::json::object& into) {
        if (const auto* object = codec::object_member(document, member)) into = *object;
    };
    take("findingInfo", said.info);
    take("evidence", said.evidence);
    take("enrichment", said.enrichment);
    row.counted.type = findings::type_of(said.info);
    row.sample = said.info_text();
    if (row.counted.type) {
        const auto key = findings::finding_key(*row.counted.type, said.info, said.location);
        if (key) said.key = findings::key_digest(*key);
        row.counted.impact =
            findings::short_digest(findings::impact_key(*row.counted.type, said.info));
    }
    row.counted.severity = findings::severity_rank(said.info);

    boost::json::object head;
    boost::json::object tail;
    for (const auto& member : document) {
        const std::string_view name = member.key();
        if (std::ranges::find(kSpliced, name) != std::end(kSpliced)) continue;
        (belongs_to_head(name) ? head : tail)[name] = member.value();
    }
    std::string head_text = model::schema::canonical_text(model::api::kFindingSchema, head);
    std::string tail_text = model::schema::canonical_text(model::api::kFindingSchema, tail);
    head_text.pop_back();
    if (tail_text == "{}") {
        tail_text = "}";
    } else {
        tail_text.front() = ',';
    }
    row.values = sql::bind(std::string(id), revision, said.content(row.sample), row.counted.impact,
                           std::move(head_text), std::move(tail_text));
    append_hot(row.values, document);
    FindingTimes times{.found_on = integer(at(row.values, "found_on")),
                       .invalidated_on = integer(at(row.values, "invalidated_on")),
                       .last_seen = integer(at(row.values, "last_seen"))};
    if (!times.last_seen) times.last_seen = times.found_on;
    if (follows_observations) times.last_seen.reset();
    set_times(row, times);
    at(row.values, "key") = said.key.empty() ? Value{} : Value{said.key};
    if (const auto* asset = std::get_if<std::string>(&at(row.values, "asset_id"))) {
        row.counted.asset_id = *asset;
    }
    return row;
}

std::string info_in_head(std::string_view head) {
    // The tail has the closing bracket.
    return std::string(odata::find_member(std::string(head) + '}', "findingInfo"));
}

void for_each_name(const FindingRow& row,
                   const std::function<void(std::string_view, const std::string&)>& visit) {
    static const auto kPlaces = [] {
        std::array<std::size_t, kNameColumns.size()> places{};
        std::ranges::transform(kNameColumns, places.begin(), finding_column);
        return places;
    }();
    for (std::size_t i = 0; i < kPlaces.size(); ++i) {
        const auto* text = std::get_if<std::string>(&row.values[kPlaces[i]]);
        if (text != nullptr) visit(kNameColumns[i], *text);
    }
}

}  // namespace vmsecurity::store
