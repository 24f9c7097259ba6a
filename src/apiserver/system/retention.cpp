#include "apiserver/system/retention.h"

#include <fmt/format.h>

#include "apiserver/audit/audit.h"
#include "apiserver/http/answer.h"
#include "apiserver/objects/body.h"
#include "apiserver/objects/transact.h"
#include "apiserver/rules/fields.h"
#include "base/log.h"
#include "model/api/tables.h"
#include "model/schema/canonical.h"
#include "store/retention.h"
#include "store/settings.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::string_view kSetting = "retention";
constexpr std::chrono::seconds kReadTime{10};
constexpr std::chrono::minutes kRunTime{30};
// The change feed serves those who were away for a while, not history.
constexpr std::string_view kDefaults = R"({"changesDays":7})";

base::Result<std::string> read_rules(store::Store& store, store::Deadline deadline) {
    VMSECURITY_ASSIGN(auto stored, store::get_setting(store, kSetting, deadline));
    return stored ? std::move(*stored) : std::string(kDefaults);
}

std::optional<std::chrono::seconds> days(const boost::json::object& rules, std::string_view name) {
    const auto* value = at_path(rules, {name});
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return std::chrono::days(value->to_number<std::int64_t>());
}

}  // namespace

net::Response get_retention(const Call& call) {
    auto rules = read_rules(call.services.store, call.request.deadline);
    if (!rules) return refuse(rules.error());
    return json_answer(200, std::move(*rules));
}

net::Response put_retention(const Call& call) {
    net::Response refusal;
    auto body = read_body(call, model::api::kRetentionSchema, model::schema::Mode::kWhole, refusal);
    if (!body) return refusal;
    model::schema::drop_read_only(model::api::kRetentionSchema, *body);
    const std::string text = model::schema::canonical_text(model::api::kRetentionSchema, *body);
    return transact(call, [&](store::Transaction& transaction) -> base::Result<net::Response> {
        VMSECURITY_TRY(store::put_setting(transaction, kSetting, text));
        VMSECURITY_TRY(record_audit(transaction, call,
                                    {.object_id = std::string(kSetting),
                                     .revision = 0,
                                     .status = 200,
                                     .before = nullptr,
                                     .after = nullptr}));
        return json_answer(200, text);
    });
}

base::Result<void> run_retention(store::Store& store) {
    const auto now = std::chrono::steady_clock::now();
    VMSECURITY_ASSIGN(const std::string text, read_rules(store, now + kReadTime));
    VMSECURITY_ASSIGN(const boost::json::value value, codec::parse_json(text));
    const boost::json::object& stored = value.as_object();
    store::RetentionRules rules;
    rules.finished_scans = days(stored, "scansDays");
    rules.asset_scan_results = days(stored, "resultsDays");
    rules.invalidated_findings = days(stored, "invalidatedFindingsDays");
    rules.changes = days(stored, "changesDays");
    rules.audit_events = days(stored, "auditEventsDays");
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    VMSECURITY_ASSIGN(const store::RetentionResult result,
                      store::apply_retention(store, rules, std::chrono::nanoseconds(wall).count(),
                                             now + kRunTime));
    if (result.scans + result.asset_scans + result.findings + result.asset_scan_results > 0) {
        base::log::info("retention deleted {} scans, {} asset scans, {} results, {} findings",
                        result.scans, result.asset_scans, result.asset_scan_results,
                        result.findings);
    }
    return {};
}

}  // namespace vmsecurity::apiserver
