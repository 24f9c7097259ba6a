#include "findings/finding_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace vmsecurity::findings {
namespace {

constexpr std::array<std::string_view, kFindingTypeCount> kNames = {
    "Package",          "Vulnerability", "Malware", "Secret",
    "Misconfiguration", "Rootkit",       "Exploit", "InfoFinder",
};

// Joins parts with "|". In a part, "|" and "\" stand behind a "\", so that "a|b" + "c" and
// "a" + "b|c" read differently.
class Joined {
  public:
    explicit Joined(std::string_view type) : text_(type) {}
    Joined(std::string_view type, std::string_view location) : text_(type) {
        add(location);
        empty_ = true;
    }

    Joined& add(std::string_view part) {
        text_ += '|';
        for (const char c : part) {
            if (c == '|' || c == '\\') text_ += '\\';
            text_ += c;
        }
        if (!part.empty()) empty_ = false;
        return *this;
    }
    Joined& add(const boost::json::object& object, std::string_view member) {
        return add(codec::text_member(object, member));
    }
    Joined& add_number(const boost::json::object& object, std::string_view member) {
        const boost::json::value* value = object.if_contains(member);
        if (value == nullptr || !value->is_number()) return add({});
        return add(boost::json::serialize(*value));
    }

    bool empty() const { return empty_; }  // no part but the location says anything
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
    bool empty_ = true;
};

const boost::json::object& member_or_empty(const boost::json::object& object,
                                           std::string_view name) {
    static const boost::json::object kEmpty;
    const boost::json::object* member = codec::object_member(object, name);
    return member == nullptr ? kEmpty : *member;
}

void add_package(Joined& key, const boost::json::object& package) {
    const std::string_view purl = codec::text_member(package, "purl");
    if (!purl.empty()) {
        key.add("purl").add(purl);
    } else {
        key.add("name").add(package, "name").add(package, "version").add(package, "type");
    }
}

void add_urls(Joined& key, const boost::json::object& exploit) {
    std::vector<std::string_view> urls;
    if (const boost::json::array* array = codec::array_member(exploit, "urls")) {
        for (const boost::json::value& url : *array) {
            if (url.is_string()) urls.emplace_back(url.get_string());
        }
    }
    std::ranges::sort(urls);
    for (const std::string_view url : urls) key.add(url);
}

// What names a finding of the types whose key is the same wherever in an asset, and on whichever
// asset, it is.
void add_place_free(Joined& key, FindingType type, const boost::json::object& info) {
    switch (type) {
        case FindingType::kMisconfiguration:
            key.add(info, "scannerName").add(info, "testID").add(info, "message");
            break;
        case FindingType::kRootkit:
            key.add(info, "rootkitName").add(info, "rootkitType").add(info, "message");
            break;
        case FindingType::kExploit:
            key.add(info, "sourceDB").add(info, "cveID");
            add_urls(key, info);
            break;
        case FindingType::kInfoFinder:
            key.add(info, "scannerName").add(info, "type").add(info, "data").add(info, "path");
            break;
        default:
            break;
    }
}

bool says_nothing(FindingType type, const boost::json::object& info) {
    const auto has = [&](std::string_view member) {
        return !codec::text_member(info, member).empty();
    };
    switch (type) {
        case FindingType::kPackage:
            return !has("purl") && !has("name");
        case FindingType::kVulnerability:
            return !has("vulnerabilityName");
        default:
            return false;
    }
}

}  // namespace

std::string_view to_string(FindingType type) {
    return kNames[static_cast<std::size_t>(type)];
}

base::Result<FindingType> parse_finding_type(std::string_view text) {
    const auto* const name = std::ranges::find(kNames, text);
    if (name == kNames.end()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("\"{}\" is no type of finding; the types are {}", text,
                                      fmt::join(kNames, ", ")));
    }
    return static_cast<FindingType>(name - kNames.begin());
}

std::optional<FindingType> type_of(const boost::json::object& finding_info) {
    const auto type = parse_finding_type(codec::text_member(finding_info, "objectType"));
    return type ? std::optional(*type) : std::nullopt;
}

base::Result<std::string> finding_key(FindingType type, const boost::json::object& info,
                                      std::string_view location) {
    Joined key(to_string(type), location);
    switch (type) {
        case FindingType::kPackage:
            add_package(key, info);
            break;
        case FindingType::kVulnerability:
            key.add(info, "vulnerabilityName");
            add_package(key, member_or_empty(info, "package"));
            break;
        case FindingType::kMalware:
            key.add(info, "malwareName").add(info, "malwareType").add(info, "ruleName");
            key.add(info, "path");
            break;
        case FindingType::kSecret:
            key.add(info, "fingerprint");
            key.add_number(info, "startColumn").add_number(info, "endColumn");
            key.add(info, "filePath");
            if (codec::text_member(info, "fingerprint").empty()) {
                key.add_number(info, "startLine").add_number(info, "endLine");
                key.add(info, "description");
            }
            break;
        case FindingType::kMisconfiguration:
        case FindingType::kRootkit:
        case FindingType::kExploit:
        case FindingType::kInfoFinder:
            add_place_free(key, type, info);
            break;
    }
    if (key.empty() || says_nothing(type, info)) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("nothing in this {} says what it is", to_string(type)),
                          "findingInfo");
    }
    return key.take();
}

std::string impact_key(FindingType type, const boost::json::object& info) {
    Joined key(to_string(type));
    switch (type) {
        case FindingType::kPackage:
            key.add(info, "name").add(info, "version");
            break;
        case FindingType::kVulnerability: {
            const boost::json::object& package = member_or_empty(info, "package");
            key.add(info, "vulnerabilityName").add(package, "name").add(package, "version");
            break;
        }
        case FindingType::kSecret:
            key.add(info, "fingerprint");
            key.add_number(info, "startColumn").add_number(info, "endColumn");
            break;
        case FindingType::kMalware:
            key.add(info, "malwareName").add(info, "malwareType").add(info, "path");
            key.add(info, "ruleName");
            break;
        case FindingType::kMisconfiguration:
        case FindingType::kRootkit:
        case FindingType::kExploit:
        case FindingType::kInfoFinder:
            add_place_free(key, type, info);
            break;
    }
    return key.take();
}

}  // namespace vmsecurity::findings
