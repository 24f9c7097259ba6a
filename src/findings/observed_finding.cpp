#include "findings/observed_finding.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "model/api/tables.h"
#include "model/schema/canonical.h"

namespace vmsecurity::findings {
namespace {

boost::json::object take_object(boost::json::object& item, std::string_view name) {
    boost::json::value* const member = item.if_contains(name);
    if (member == nullptr || !member->is_object()) return {};
    return std::move(member->get_object());
}

base::Result<ObservedFinding> with_key(FindingType type, ObservedFinding finding) {
    VMSECURITY_ASSIGN(const std::string key, finding_key(type, finding.info, finding.location));
    finding.key = key_digest(key);
    return finding;
}

}  // namespace

std::string ObservedFinding::info_text() const {
    return model::schema::canonical_text(model::api::kFindingInfoSchema, info);
}

std::int64_t ObservedFinding::content(std::string_view info_text) const {
    if (evidence.empty() && enrichment.empty()) return short_digest(info_text);
    std::string text(info_text);
    if (!evidence.empty()) text += "\nevidence " + boost::json::serialize(evidence);
    if (!enrichment.empty()) text += "\nenrichment " + boost::json::serialize(enrichment);
    return short_digest(text);
}

base::Result<ObservedFinding> observe_result(FindingType type, boost::json::object result) {
    ObservedFinding finding;
    if (type == FindingType::kMisconfiguration || type == FindingType::kInfoFinder) {
        finding.scanner = codec::text_member(result, "scannerName");
    }
    finding.info = std::move(result);
    finding.info["objectType"] = to_string(type);
    return with_key(type, std::move(finding));
}

base::Result<ObservedFinding> observe_item(FindingType type, boost::json::object item) {
    ObservedFinding finding;
    finding.scanner = codec::text_member(item, "scanner");
    finding.location = codec::text_member(item, "location");
    finding.info = take_object(item, "findingInfo");
    finding.evidence = take_object(item, "evidence");
    finding.enrichment = take_object(item, "enrichment");
    if (type_of(finding.info) != type) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("findings of this family are of type {}", to_string(type)),
                          "findingInfo.objectType");
    }
    return with_key(type, std::move(finding));
}

}  // namespace vmsecurity::findings
