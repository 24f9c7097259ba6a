#include "apiserver/rules/rules.h"

#include <map>

#include "apiserver/rules/asset.h"
#include "apiserver/rules/asset_scan.h"
#include "apiserver/rules/estimation.h"
#include "apiserver/rules/named.h"
#include "apiserver/rules/scan.h"
#include "apiserver/rules/scan_config.h"
#include "apiserver/rules/suppression.h"
#include "apiserver/rules/token.h"

namespace vmsecurity::apiserver {

const TypeRules& rules_of(std::string_view collection) {
    static const std::map<std::string_view, const TypeRules*> kRules = [] {
        std::map<std::string_view, const TypeRules*> rules;
        for (const TypeRules* one :
             {&asset_rules(), &asset_scan_rules(), &scan_rules(), &scan_config_rules(),
              &suppression_rules(), &scan_estimation_rules(), &asset_scan_estimation_rules(),
              &token_rules()}) {
            rules[one->collection] = one;
        }
        for (const TypeRules& one : named_rules()) rules[one.collection] = &one;
        return rules;
    }();
    static const TypeRules kNone{};
    const auto found = kRules.find(collection);
    return found == kRules.end() ? kNone : *found->second;
}

}  // namespace vmsecurity::apiserver
