#include "codec/jwt.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/secrets.h"

namespace vmsecurity::codec {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

std::string number(EVP_PKEY* key, const char* name, int width = 0) {
    BIGNUM* value = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &value), 1);
    std::string bytes(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(value)), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(bytes.size()));
    BN_free(value);
    return bytes;
}

// A private key with what an issuer does: its JWK, and signing.
class Issuer {
  public:
    static Issuer rsa(std::string id, unsigned bits = 2048) {
        return {std::move(id), "RS256", EVP_RSA_gen(bits)};
    }
    static Issuer p256(std::string id) { return {std::move(id), "ES256", EVP_EC_gen("P-256")}; }

    std::string key() const {
        if (algorithm_ == "RS256") {
            return fmt::format(R"({{"kty":"RSA","use":"sig","kid":"{}","n":"{}","e":"{}"}})", id_,
                               base::to_base64url(number(key_.get(), OSSL_PKEY_PARAM_RSA_N)),
                               base::to_base64url(number(key_.get(), OSSL_PKEY_PARAM_RSA_E)));
        }
        return fmt::format(R"({{"kty":"EC","crv":"P-256","kid":"{}","x":"{}","y":"{}"}})", id_,
                           base::to_base64url(number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32)),
                           base::to_base64url(number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32)));
    }

    std::string token(std::string_view claims, std::string header = {}) const {
        if (header.empty()) header = fmt::format(R"({{"alg":"{}","kid":"{}"}})", algorithm_, id_);
        const std::string text = base::to_base64url(header) + "." + base::to_base64url(claims);
        return text + "." + base::to_base64url(sign(text));
    }

  private:
    Issuer(std::string id, std::string algorithm, EVP_PKEY* key)
        : id_(std::move(id)), algorithm_(std::move(algorithm)), key_(key, EVP_PKEY_free) {}

    std::string sign(std::string_view text) const {
        std::string signature(1024, '\0');
        std::size_t size = signature.size();
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EXPECT_EQ(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()), 1);
        EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                 reinterpret_cast<const unsigned char*>(text.data()), text.size()),
                  1);
        EVP_MD_CTX_free(context);
        signature.resize(size);
        return algorithm_ == "ES256" ? raw(signature) : signature;
    }

    static std::string raw(const std::string& der) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string bytes(64, '\0');
        auto* out = reinterpret_cast<unsigned char*>(bytes.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + 32, 32);
        ECDSA_SIG_free(signature);
        return bytes;
    }

    std::string id_;
    std::string algorithm_;
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

const system_clock::time_point kNow{seconds(1'800'000'000)};
constexpr std::string_view kClaims =
    R"({"iss":"https://issuer","aud":"vmsecurity","sub":"anna","exp":1800000600})";

JwtRules rules() {
    return {.issuer = "https://issuer", .audience = "vmsecurity"};
}

KeySet key_set(std::initializer_list<const Issuer*> issuers) {
    std::string keys;
    for (const Issuer* one : issuers) keys += (keys.empty() ? "" : ",") + one->key();
    auto set = KeySet::parse(fmt::format(R"({{"keys":[{}]}})", keys));
    EXPECT_TRUE(set) << (set ? "" : set.error().describe());
    return std::move(*set);
}

TEST(Jwt, IsAcceptedWithEachAlgorithm) {
    const Issuer rsa = Issuer::rsa("r1");
    const Issuer p256 = Issuer::p256("e1");
    const KeySet keys = key_set({&rsa, &p256});
    for (const Issuer* issuer : {&rsa, &p256}) {
        const auto claims = verify_jwt(issuer->token(kClaims), keys, rules(), kNow);
        ASSERT_TRUE(claims) << claims.error().describe();
        EXPECT_EQ(text_member(*claims, "sub"), "anna");
        // without a key id any key of the algorithm may have signed
        const std::string header =
            fmt::format(R"({{"alg":"{}"}})", issuer == &rsa ? "RS256" : "ES256");
        EXPECT_TRUE(verify_jwt(issuer->token(kClaims, header), keys, rules(), kNow));
    }
}

TEST(Jwt, IsRefusedForEachBrokenPart) {
    const Issuer issuer = Issuer::p256("e1");
    const Issuer stranger = Issuer::p256("e1");
    const KeySet keys = key_set({&issuer});
    const std::string good = issuer.token(kClaims);
    const std::string unsigned_part = good.substr(0, good.rfind('.'));
    std::string changed = good;
    changed[changed.find('.') + 5] ^= 1;
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "three parts"},
        {"a.b", "three parts"},
        {"a.b.c.d", "three parts"},
        {"!.b.c", "base64url"},
        {unsigned_part + ".", "signature"},
        {unsigned_part, "three parts"},
        {changed, "signature"},
        {stranger.token(kClaims), "signature"},
        {issuer.token(kClaims, R"({"alg":"none"})"), "RS256 or ES256"},
        {issuer.token(kClaims, R"({"alg":"HS256"})"), "RS256 or ES256"},
        {issuer.token(kClaims, R"({"alg":"RS256","kid":"e1"})"), "signature"},
        {issuer.token(kClaims, R"({"alg":"ES256","kid":"e2"})"), "signature"},
        {issuer.token(kClaims, R"({"alg":"ES256","crit":["x"]})"), "extension"},
        {issuer.token(R"([1])"), "JSON object"},
        {issuer.token(R"({"iss":"other","aud":"vmsecurity","exp":1800000600})"), "issuer"},
        {issuer.token(R"({"iss":"https://issuer","aud":"x","exp":1800000600})"), "audience"},
        {issuer.token(R"({"iss":"https://issuer","aud":"vmsecurity"})"), "expiry"},
        {issuer.token(R"({"iss":"https://issuer","aud":["vmsecurity"],"exp":1799999940})"),
         "expired"},
        {issuer.token(
             R"({"iss":"https://issuer","aud":"vmsecurity","exp":1800000600,"nbf":1800000061})"),
         "not valid yet"},
        {std::string(20000, 'a'), "too long"},
    };
    for (const auto& [token, reason] : cases) {
        const auto claims = verify_jwt(token, keys, rules(), kNow);
        ASSERT_FALSE(claims) << token;
        EXPECT_EQ(claims.error().code, base::ErrorCode::kPermissionDenied);
        EXPECT_THAT(claims.error().message, testing::HasSubstr(reason)) << token;
        if (!token.empty()) {
            EXPECT_THAT(claims.error().describe(), testing::Not(testing::HasSubstr(token)));
        }
    }
}

TEST(Jwt, AllowsForClocksThatDiffer) {
    const Issuer issuer = Issuer::p256("e1");
    const KeySet keys = key_set({&issuer});
    const std::string token =
        issuer.token(R"({"iss":"https://issuer","aud":["a","vmsecurity"],"exp":1799999941.5})");
    EXPECT_TRUE(verify_jwt(token, keys, rules(), kNow));
}

TEST(KeySet, LeavesOutWhatItWillNotUse) {
    const Issuer weak = Issuer::rsa("weak", 1024);
    const Issuer good = Issuer::p256("good");
    EXPECT_FALSE(KeySet::parse(fmt::format(R"({{"keys":[{}]}})", weak.key())));
    const KeySet keys = key_set({&weak, &good});
    EXPECT_FALSE(verify_jwt(weak.token(kClaims), keys, rules(), kNow));
    EXPECT_TRUE(verify_jwt(good.token(kClaims), keys, rules(), kNow));
    for (const std::string_view text :
         {"", "[]", "{}", R"({"keys":[]})", R"({"keys":[1,{"kty":"oct","k":"AAAA"}]})",
          R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]})"}) {
        EXPECT_FALSE(KeySet::parse(text)) << text;
    }
}

}  // namespace
}  // namespace vmsecurity::codec
