#include "apiserver/rules/estimation.h"

#include <fmt/format.h>

#include "apiserver/rules/fields.h"
#include "apiserver/rules/scope.h"

namespace vmsecurity::apiserver {

namespace {

base::Result<void> check_asset_scan_estimation(ObjectWrite& write) {
    VMSECURITY_TRY(check_relation(*write.after, "asset"));
    return check_relation(*write.after, "scanEstimation");
}

std::optional<std::string> unique_key(const boost::json::object& estimation) {
    const std::string_view asset = text_at(estimation, {"asset", "id"});
    const std::string_view scan = text_at(estimation, {"scanEstimation", "id"});
    if (asset.empty() || scan.empty()) return std::nullopt;
    return join_key({asset, scan});
}

std::string conflict(const boost::json::object& estimation) {
    return fmt::format("AssetScanEstimation exists with asset id={} and scanEstimation id={}",
                       text_at(estimation, {"asset", "id"}),
                       text_at(estimation, {"scanEstimation", "id"}));
}

base::Result<void> check_scan_estimation(ObjectWrite& write) {
    return check_scope(text_at(*write.after, {"scanTemplate", "scope"}), "/scanTemplate/scope");
}

}  // namespace

const TypeRules& asset_scan_estimation_rules() {
    static constexpr TypeRules kRules{"assetScanEstimations", check_asset_scan_estimation,
                                      unique_key, conflict};
    return kRules;
}

const TypeRules& scan_estimation_rules() {
    static constexpr TypeRules kRules{"scanEstimations", check_scan_estimation, nullptr, nullptr};
    return kRules;
}

}  // namespace vmsecurity::apiserver
