#include "apiserver/access/authenticator.h"

#include <fmt/format.h>

#include "apiserver/access/token.h"
#include "apiserver/rules/fields.h"
#include "model/api/tables.h"
#include "model/schema/time.h"
#include "odata/bind.h"
#include "odata/literal.h"
#include "store/token_hashes.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::chrono::seconds kRemember{1};
constexpr std::size_t kMaxRemembered = 20'000;

base::Error refused(std::string message) {
    return {base::ErrorCode::kPermissionDenied, std::move(message), {}, {}};
}

std::int64_t now_nanoseconds() {
    return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

// The token of "Authorization: Bearer TOKEN" (RFC 6750 §2.1); the scheme is case-insensitive.
std::optional<std::string_view> bearer_token(const net::Request& request) {
    const auto header = request.headers.find("Authorization");
    constexpr std::string_view kScheme = "bearer ";
    if (!header || header->size() <= kScheme.size()) return std::nullopt;
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        if (((*header)[i] | 0x20) != kScheme[i]) return std::nullopt;
    }
    return header->substr(kScheme.size());
}

std::optional<std::int64_t> time_at(const boost::json::object& object, std::string_view member) {
    const std::string_view text = text_at(object, {member});
    if (text.empty()) return std::nullopt;
    const auto time = model::schema::parse_time(text);
    if (!time) return std::nullopt;
    return model::schema::to_nanoseconds(*time);
}

base::Result<boost::json::object> parse_document(const store::Item& item) {
    VMSECURITY_ASSIGN(boost::json::value value, codec::parse_json(item.document));
    return std::move(value.as_object());
}

}  // namespace

Authenticator::Authenticator(store::Store& store, AccessOptions options)
    : store_(store), options_(std::move(options)), keys_(options_.oidc.keys) {}

base::Result<void> Authenticator::start() {
    if (options_.oidc.issuer.empty()) return {};
    return keys_.start();
}

void Authenticator::forget() {
    const std::lock_guard lock(mutex_);
    remembered_.clear();
}

base::Result<Principal> Authenticator::authenticate(const net::Request& request) {
    if (request.headers.find("Authorization")) {
        const auto token = bearer_token(request);
        if (!token) return base::fail(refused("send the token as 'Authorization: Bearer TOKEN'"));
        return looks_like_token(*token) ? by_token(*token, request.deadline)
                                        : by_jwt(*token, request.deadline);
    }
    if (!options_.required && request.is_loopback) {
        return Principal{.name = "loopback",
                         .kind = Principal::Kind::kLoopback,
                         .role = Role::kAdmin,
                         .asset_scan_id = {},
                         .token_id = {},
                         .expires_on = std::nullopt};
    }
    return base::fail(refused("a token is needed: send it as 'Authorization: Bearer TOKEN'"));
}

base::Result<Principal> Authenticator::by_token(std::string_view text, store::Deadline deadline) {
    const std::string hash = token_hash(text);
    const auto now = std::chrono::steady_clock::now();
    std::optional<Principal> principal;
    bool known = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = remembered_.find(hash);
        if (found != remembered_.end() && found->second.until > now) {
            known = true;
            principal = found->second.principal;
        }
    }
    if (!known) {
        VMSECURITY_ASSIGN(principal, look_up(hash, deadline));
        const std::lock_guard lock(mutex_);
        if (remembered_.size() >= kMaxRemembered) remembered_.clear();
        remembered_[hash] = {principal, now + kRemember};
    }
    if (!principal)
        return base::fail(refused("the token is unknown, revoked, or of a disabled user"));
    if (principal->expires_on && *principal->expires_on <= now_nanoseconds()) {
        return base::fail(refused("the token has expired"));
    }
    return *principal;
}

base::Result<std::optional<Principal>> Authenticator::look_up(const std::string& hash,
                                                              store::Deadline deadline) {
    VMSECURITY_ASSIGN(const auto id, store::find_token_by_hash(store_, hash, deadline));
    if (!id) return std::nullopt;
    auto item = store_.get(model::api::kTokensCollection, *id, deadline);
    if (!item && item.error().code == base::ErrorCode::kNotFound) return std::nullopt;
    if (!item) return base::fail(std::move(item).error());
    VMSECURITY_ASSIGN(const boost::json::object token, parse_document(*item));
    if (time_at(token, "revokedOn").value_or(INT64_MAX) <= now_nanoseconds()) return std::nullopt;
    Principal principal;
    principal.name = std::string(text_at(token, {"name"}));
    principal.kind = Principal::Kind::kToken;
    principal.role = parse_role(text_at(token, {"role"})).value_or(Role::kNone);
    principal.asset_scan_id = std::string(text_at(token, {"assetScan", "id"}));
    principal.token_id = *id;
    principal.expires_on = time_at(token, "expiresOn");
    const std::string_view user_id = text_at(token, {"user", "id"});
    if (!user_id.empty()) {
        auto user_item = store_.get(model::api::kUsersCollection, user_id, deadline);
        if (!user_item && user_item.error().code == base::ErrorCode::kNotFound) return std::nullopt;
        if (!user_item) return base::fail(std::move(user_item).error());
        VMSECURITY_ASSIGN(const boost::json::object user, parse_document(*user_item));
        const boost::json::value* disabled = at_path(user, {"disabled"});
        if (disabled != nullptr && disabled->is_bool() && disabled->get_bool()) return std::nullopt;
        // A token never has more rights than its user has by now.
        principal.role =
            std::min(principal.role, parse_role(text_at(user, {"role"})).value_or(Role::kNone));
    }
    return principal;
}

base::Result<Principal> Authenticator::by_jwt(std::string_view text, store::Deadline deadline) {
    if (options_.oidc.issuer.empty()) {
        return base::fail(refused("the token is none of this server's"));
    }
    const codec::JwtRules rules{.issuer = options_.oidc.issuer, .audience = options_.oidc.audience};
    const auto now = std::chrono::system_clock::now();
    auto claims = codec::verify_jwt(text, *keys_.current(), rules, now);
    if (!claims && keys_.refresh()) claims = codec::verify_jwt(text, *keys_.current(), rules, now);
    if (!claims) return base::fail(std::move(claims).error());
    const std::string_view subject = codec::text_member(*claims, "sub");
    if (subject.empty()) return base::fail(refused("the token names no subject"));
    VMSECURITY_ASSIGN(auto principal, user_with(options_.oidc.issuer, subject, deadline));
    if (!principal) {
        const auto role = parse_role(codec::text_member(*claims, options_.oidc.role_claim));
        if (!role || *role == Role::kScanner) {
            return base::fail(refused(
                fmt::format("'{}' is no user here, and the token's claim '{}' names no role",
                            subject, options_.oidc.role_claim)));
        }
        principal = Principal{.name = std::string(subject),
                              .kind = Principal::Kind::kUser,
                              .role = *role,
                              .asset_scan_id = {},
                              .token_id = {},
                              .expires_on = std::nullopt};
    }
    if (principal->role == Role::kNone) return base::fail(refused("the user is disabled"));
    return *principal;
}

base::Result<std::optional<Principal>> Authenticator::user_with(std::string_view issuer,
                                                                std::string_view subject,
                                                                store::Deadline deadline) {
    const std::string filter =
        fmt::format("subject eq {} and (issuer eq null or issuer eq {})",
                    odata::text_literal(subject), odata::text_literal(issuer));
    odata::QueryText query_text;
    query_text.filter = filter;
    query_text.top = "1";
    VMSECURITY_ASSIGN(const odata::BoundQuery query,
                      odata::read_query(model::api::kUsersCollection, query_text, {}));
    VMSECURITY_ASSIGN(const store::ListAnswer answer,
                      store_.list(model::api::kUsersCollection, query, deadline));
    if (answer.items.empty()) return std::nullopt;
    VMSECURITY_ASSIGN(const boost::json::value value, codec::parse_json(answer.items.front()));
    const boost::json::object& user = value.as_object();
    const boost::json::value* disabled = at_path(user, {"disabled"});
    Principal principal;
    principal.name = std::string(text_at(user, {"name"}));
    principal.kind = Principal::Kind::kUser;
    if (disabled == nullptr || !disabled->is_bool() || !disabled->get_bool()) {
        principal.role = parse_role(text_at(user, {"role"})).value_or(Role::kNone);
    }
    return principal;
}

}  // namespace vmsecurity::apiserver
