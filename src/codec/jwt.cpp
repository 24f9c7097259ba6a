#include "codec/jwt.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "base/secrets.h"

namespace vmsecurity::codec {

namespace {

constexpr std::size_t kMaxTokenBytes = 16 << 10;
constexpr int kMinRsaBits = 2048;
constexpr std::size_t kP256Bytes = 32;

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using NumberPointer = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using BuilderPointer = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using ParametersPointer = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using ContextPointer = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestPointer = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using SignaturePointer = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

NumberPointer number_of(std::string_view bytes) {
    return NumberPointer(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

KeyPointer make_key(const char* type, OSSL_PARAM_BLD* builder) {
    const ParametersPointer parameters(OSSL_PARAM_BLD_to_param(builder));
    const ContextPointer context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    return KeyPointer(key);
}

KeyPointer rsa_key(std::string_view modulus, std::string_view exponent) {
    const NumberPointer n = number_of(modulus);
    const NumberPointer e = number_of(exponent);
    const BuilderPointer builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || BN_num_bits(n.get()) < kMinRsaBits ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    return make_key("RSA", builder.get());
}

KeyPointer p256_key(std::string_view x, std::string_view y) {
    if (x.size() != kP256Bytes || y.size() != kP256Bytes) return nullptr;
    const std::string point = "\x04" + std::string(x) + std::string(y);  // SEC 1 §2.3.3
    const BuilderPointer builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1",
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
        return nullptr;
    }
    return make_key("EC", builder.get());
}

// JWS has r and s side by side (RFC 7518 §3.4), OpenSSL wants them in DER.
std::string der_signature(std::string_view raw) {
    if (raw.size() != 2 * kP256Bytes) return {};
    const SignaturePointer signature(ECDSA_SIG_new());
    NumberPointer r = number_of(raw.substr(0, kP256Bytes));
    NumberPointer s = number_of(raw.substr(kP256Bytes));
    if (!signature || !r || !s) return {};
    if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
    (void)r.release();  // now the signature's
    (void)s.release();
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &der);
    if (size <= 0) return {};
    std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return bytes;
}

std::string decoded_member(const boost::json::object& object, std::string_view name) {
    return base::from_base64url(text_member(object, name)).value_or(std::string{});
}

base::Error refused(std::string reason) {
    return {
        base::ErrorCode::kPermissionDenied, "the token is not valid: " + std::move(reason), {}, {}};
}

// `exp`, `nbf`: seconds since 1970, possibly with a fraction (RFC 7519 §2, NumericDate).
std::optional<double> numeric_date(const boost::json::object& claims, std::string_view name) {
    const boost::json::value* value = claims.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

bool names_audience(const boost::json::object& claims, std::string_view audience) {
    if (text_member(claims, "aud") == audience) return true;
    const boost::json::array* many = array_member(claims, "aud");
    return many != nullptr && std::ranges::any_of(*many, [&](const boost::json::value& one) {
               return one.is_string() && std::string_view(one.get_string()) == audience;
           });
}

base::Result<void> check_claims(const boost::json::object& claims, const JwtRules& rules,
                                std::chrono::system_clock::time_point now) {
    const double at = std::chrono::duration<double>(now.time_since_epoch()).count();
    const auto skew = static_cast<double>(rules.clock_skew.count());
    if (text_member(claims, "iss") != rules.issuer) return base::fail(refused("another issuer"));
    if (!names_audience(claims, rules.audience)) {
        return base::fail(refused("it is for another audience"));
    }
    const auto expires = numeric_date(claims, "exp");
    if (!expires) return base::fail(refused("it says no time of expiry"));
    if (at >= *expires + skew) return base::fail(refused("it has expired"));
    const auto not_before = numeric_date(claims, "nbf");
    if (not_before && at + skew < *not_before) return base::fail(refused("it is not valid yet"));
    return {};
}

base::Result<boost::json::object> parse_part(std::string_view encoded, std::string_view name) {
    constexpr JsonLimits kLimits{.max_depth = 16, .max_bytes = kMaxTokenBytes};
    const auto text = base::from_base64url(encoded);
    if (!text) return base::fail(refused(fmt::format("its {} is not base64url", name)));
    auto value = parse_json(*text, kLimits);
    if (!value || !value->is_object()) {
        return base::fail(refused(fmt::format("its {} is no JSON object", name)));
    }
    return std::move(value->get_object());
}

}  // namespace

struct KeySet::Key {
    std::string id;
    std::string_view algorithm;
    KeyPointer key;
};

KeySet::KeySet(std::vector<Key> keys) : keys_(std::move(keys)) {}
KeySet::KeySet(KeySet&&) noexcept = default;
KeySet& KeySet::operator=(KeySet&&) noexcept = default;
KeySet::~KeySet() = default;

base::Result<KeySet> KeySet::parse(std::string_view json) {
    VMSECURITY_ASSIGN(const boost::json::value document, parse_json(json));
    const boost::json::array* listed =
        document.is_object() ? array_member(document.get_object(), "keys") : nullptr;
    if (listed == nullptr) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "a JSON Web Key Set is an object with an array 'keys'");
    }
    std::vector<Key> keys;
    for (const boost::json::value& one : *listed) {
        if (!one.is_object()) continue;
        const boost::json::object& object = one.get_object();
        const std::string_view use = text_member(object, "use");
        if (!use.empty() && use != "sig") continue;
        const std::string_view type = text_member(object, "kty");
        if (type == "RSA") {
            if (auto key = rsa_key(decoded_member(object, "n"), decoded_member(object, "e"))) {
                keys.push_back({std::string(text_member(object, "kid")), "RS256", std::move(key)});
            }
        } else if (type == "EC" && text_member(object, "crv") == "P-256") {
            if (auto key = p256_key(decoded_member(object, "x"), decoded_member(object, "y"))) {
                keys.push_back({std::string(text_member(object, "kid")), "ES256", std::move(key)});
            }
        }
    }
    if (keys.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "the JSON Web Key Set has no key that signs with RS256 (2,048 bits or "
                          "more) or ES256");
    }
    return KeySet(std::move(keys));
}

bool KeySet::verify(std::string_view key_id, std::string_view algorithm, std::string_view text,
                    std::string_view signature) const {
    const std::string der =
        algorithm == "ES256" ? der_signature(signature) : std::string(signature);
    if (der.empty()) return false;
    return std::ranges::any_of(keys_, [&](const Key& key) {
        if (key.algorithm != algorithm || (!key_id.empty() && key.id != key_id)) return false;
        const DigestPointer context(EVP_MD_CTX_new());
        return context &&
               EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.key.get()) ==
                   1 &&
               EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(text),
                                text.size()) == 1;
    });
}

base::Result<boost::json::object> verify_jwt(std::string_view token, const KeySet& keys,
                                             const JwtRules& rules,
                                             std::chrono::system_clock::time_point now) {
    if (token.size() > kMaxTokenBytes) return base::fail(refused("it is too long"));
    const std::size_t first = token.find('.');
    const std::size_t second = token.find('.', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
        return base::fail(refused("it does not have three parts"));
    }
    VMSECURITY_ASSIGN(const boost::json::object header,
                      parse_part(token.substr(0, first), "header"));
    const std::string_view algorithm = text_member(header, "alg");
    if (algorithm != "RS256" && algorithm != "ES256") {
        return base::fail(refused("it is not signed with RS256 or ES256"));
    }
    // RFC 7515 §4.1.11: what must be understood and is not makes the token invalid.
    if (header.contains("crit")) return base::fail(refused("it demands an unknown extension"));
    const auto signature = base::from_base64url(token.substr(second + 1));
    if (!signature ||
        !keys.verify(text_member(header, "kid"), algorithm, token.substr(0, second), *signature)) {
        return base::fail(refused("its signature is not that of a known key"));
    }
    VMSECURITY_ASSIGN(boost::json::object claims,
                      parse_part(token.substr(first + 1, second - first - 1), "payload"));
    VMSECURITY_TRY(check_claims(claims, rules, now));
    return claims;
}

}  // namespace vmsecurity::codec
