#include "apiserver/exports/export.h"

#include <fmt/format.h>

#include "apiserver/access/authorize.h"
#include "apiserver/access/row_access.h"
#include "apiserver/exports/columns.h"
#include "apiserver/http/answer.h"
#include "apiserver/http/parameters.h"
#include "base/text.h"
#include "model/api/routes.h"
#include "model/api/tables.h"
#include "model/schema/csv.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::size_t kFlushBytes = 64U << 10U;

// Who may not list a collection may not export it either.
std::optional<net::Response> refuse_list(const Call& call,
                                         const model::schema::Collection& collection) {
    const std::string path = fmt::format("/{}", collection.name);
    const model::schema::RouteMatch list = model::api::match("GET", path);
    if (list.route == nullptr) return std::nullopt;
    if (auto refusal = authorize(list, call.principal)) return refuse(*refusal);
    return std::nullopt;
}

// Writes in pieces; remembers the first failure.
class Lines {
  public:
    explicit Lines(net::BodyWriter& out) : out_(out) {}

    bool add(std::string_view line) {
        pending_ += line;
        return pending_.size() < kFlushBytes || flush();
    }
    bool flush() {
        if (!result_) return false;
        result_ = out_.write(pending_);
        pending_.clear();
        return result_.has_value();
    }
    const base::Result<void>& result() const { return result_; }

  private:
    net::BodyWriter& out_;
    std::string pending_;
    base::Result<void> result_;
};

}  // namespace

std::optional<net::Response> export_collection(const Call& call, net::BodyReader& /*in*/,
                                               net::BodyWriter& out) {
    const auto* collection = model::api::find_collection(call.id());
    if (collection == nullptr) {
        return refuse(Refusal{
            .status = 404,
            .message = fmt::format("there is no collection '{}'", base::escape_bytes(call.id())),
            .code = "notFound",
            .target = "collection",
            .position = std::nullopt,
            .details = {}});
    }
    if (auto refused = refuse_list(call, *collection)) return refused;
    auto query = read_query(*collection, call.request);
    if (!query) return refuse(query.error());
    if (auto narrowed = restrict_query(*collection, call.principal, *query); !narrowed) {
        return refuse(narrowed.error());
    }

    const auto* format = call.request.find_query("format");
    const bool csv = format != nullptr && format->value == "csv";
    net::Headers headers;
    headers.add("Content-Type", csv ? "text/csv; charset=UTF-8; header=present"
                                    : "application/x-ndjson; charset=UTF-8");
    headers.add("Content-Disposition", fmt::format("attachment; filename=\"{}.{}\"",
                                                   collection->name, csv ? "csv" : "ndjson"));
    if (!out.begin(200, std::move(headers))) return std::nullopt;

    Lines lines(out);
    const auto columns = csv ? csv_columns(*query) : model::schema::CsvColumns{};
    if (csv) lines.add(model::schema::csv_header(columns));
    const auto done = call.services.store.for_each(*collection, *query, [&](std::string_view json) {
        if (!csv) return lines.add(json) && lines.add("\n");
        const auto value = codec::parse_json(json);
        return value && value->is_object() &&
               lines.add(model::schema::csv_row(columns, value->get_object()));
    });
    // What ends early is cut off, and so seen to be incomplete.
    if (done && lines.flush()) (void)out.finish();
    return std::nullopt;
}

}  // namespace vmsecurity::apiserver
