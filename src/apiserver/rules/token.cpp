#include "apiserver/rules/token.h"

#include <fmt/format.h>

#include "apiserver/rules/fields.h"

namespace vmsecurity::apiserver {

namespace {

base::Result<void> check(ObjectWrite& write) {
    const std::string_view role = text_at(*write.after, {"role"});
    const bool for_asset_scan = !text_at(*write.after, {"assetScan", "id"}).empty();
    if (role != "scanner") {
        if (!for_asset_scan) return {};
        return base::fail(
            field_error("/assetScan",
                        fmt::format("assetScan: a token of the role {} is not for one asset scan; "
                                    "leave it out, or make the role scanner",
                                    role)));
    }
    if (!for_asset_scan) {
        return base::fail(field_error(
            "/assetScan", "assetScan is required of a scanner's token: the one that it may write"));
    }
    if (text_at(*write.after, {"expiresOn"}).empty()) {
        return base::fail(
            field_error("/expiresOn",
                        "expiresOn is required of a scanner's token: when the scan is "
                        "over at the latest"));
    }
    return {};
}

std::optional<std::string> unique_key(const boost::json::object& token) {
    return std::string(text_at(token, {"name"}));
}

std::string conflict(const boost::json::object& token) {
    return fmt::format("Token exists with name={}", text_at(token, {"name"}));
}

}  // namespace

const TypeRules& token_rules() {
    static constexpr TypeRules kRules{"tokens", check, unique_key, conflict};
    return kRules;
}

}  // namespace vmsecurity::apiserver
