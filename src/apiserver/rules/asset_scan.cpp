#include "apiserver/rules/asset_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "apiserver/rules/fields.h"

namespace vmsecurity::apiserver {

namespace {

// Which reasons a state of resourceCleanupStatus may have.
struct CleanupState {
    std::string_view state;
    std::array<std::string_view, 2> reasons;
};
constexpr std::array<CleanupState, 4> kCleanupStates = {{
    {"Pending", {"AssetScanCreated", ""}},
    {"Skipped", {"DeletePolicy", "NotApplicable"}},
    {"Failed", {"ProviderError", "InternalError"}},
    {"Done", {"Success", ""}},
}};

constexpr std::string_view kPointer = "/resourceCleanupStatus";

base::Result<void> check_reason(std::string_view state, std::string_view reason) {
    for (const CleanupState& known : kCleanupStates) {
        if (known.state != state) continue;
        if (!reason.empty() && std::ranges::find(known.reasons, reason) != known.reasons.end()) {
            return {};
        }
        return base::fail(field_error(
            "/resourceCleanupStatus/reason",
            fmt::format(
                "resourceCleanupStatus: reason {} does not go with state {}; it may be {}{}{}",
                reason, state, known.reasons[0], known.reasons[1].empty() ? "" : " or ",
                known.reasons[1])));
    }
    return {};  // the schema knows the states
}

base::Result<void> check_cleanup(const ObjectWrite& write) {
    const std::string_view state = text_at(*write.after, {"resourceCleanupStatus", "state"});
    const std::string_view reason = text_at(*write.after, {"resourceCleanupStatus", "reason"});
    const std::string_view before =
        write.before == nullptr ? std::string_view{}
                                : text_at(*write.before, {"resourceCleanupStatus", "state"});
    if (state.empty() && (write.kind != WriteKind::kPatch || !before.empty())) {
        return base::fail(
            field_error(kPointer,
                        "resourceCleanupStatus is a required field; a new asset scan has state "
                        "Pending with reason AssetScanCreated, or Skipped with NotApplicable"));
    }
    if (write.kind == WriteKind::kCreate) {
        if (state != "Pending" && state != "Skipped") {
            return base::fail(field_error(
                "/resourceCleanupStatus/state",
                fmt::format("resourceCleanupStatus: a new asset scan begins in state Pending or "
                            "Skipped, not {}",
                            state)));
        }
        return check_reason(state, reason);
    }
    if (state == before) {
        return state.empty() ||
                       reason == text_at(*write.before, {"resourceCleanupStatus", "reason"})
                   ? base::Result<void>{}
                   : check_reason(state, reason);
    }
    if (!before.empty() && before != "Pending") {
        return base::fail(field_error(
            "/resourceCleanupStatus/state",
            fmt::format("resourceCleanupStatus cannot go from {} to {}; only Pending goes on, to "
                        "Skipped, Failed or Done",
                        before, state.empty() ? "nothing" : state)));
    }
    return state.empty() ? base::Result<void>{} : check_reason(state, reason);
}

// A state that changes without saying when changes now.
void note_transition(ObjectWrite& write, std::initializer_list<std::string_view> path) {
    const std::string_view state = text_at(*write.after, path);
    if (state.empty()) return;
    const std::string_view before =
        write.before == nullptr ? std::string_view{} : text_at(*write.before, path);
    if (state == before) return;
    boost::json::object* here = write.after;
    for (const std::string_view name : path) {
        if (name == *(path.end() - 1)) break;
        here = here->at(name).if_object();
        if (here == nullptr) return;
    }
    const boost::json::object* sent = write.sent;
    for (const std::string_view name : path) {
        if (name == *(path.end() - 1) || sent == nullptr) break;
        const boost::json::value* next = sent->if_contains(name);
        sent = next == nullptr ? nullptr : next->if_object();
    }
    if (sent != nullptr && sent->contains("lastTransitionTime")) return;
    (*here)["lastTransitionTime"] = time_text(write.now);
}

base::Result<void> check(ObjectWrite& write) {
    VMSECURITY_TRY(check_relation(*write.after, "asset"));
    VMSECURITY_TRY(check_relation(*write.after, "scan"));
    VMSECURITY_TRY(check_relation(*write.after, "provider"));
    VMSECURITY_TRY(check_cleanup(write));
    for (const std::string_view part : {"general", "sbom", "vulnerabilities", "malware", "rootkits",
                                        "secrets", "misconfigurations", "exploits", "infoFinder"}) {
        note_transition(write, {"status", part, "state"});
    }
    return {};
}

std::optional<std::string> unique_key(const boost::json::object& asset_scan) {
    const std::string_view asset = text_at(asset_scan, {"asset", "id"});
    const std::string_view scan = text_at(asset_scan, {"scan", "id"});
    if (asset.empty() || scan.empty()) return std::nullopt;
    return join_key({asset, scan});
}

std::string conflict(const boost::json::object& asset_scan) {
    return fmt::format("AssetScan exists with asset id={} and scan id={}",
                       text_at(asset_scan, {"asset", "id"}), text_at(asset_scan, {"scan", "id"}));
}

}  // namespace

const TypeRules& asset_scan_rules() {
    static constexpr TypeRules kRules{"assetScans", check, unique_key, conflict};
    return kRules;
}

}  // namespace vmsecurity::apiserver
