#include "base/secrets.h"

namespace vmsecurity::base {
namespace {

TEST(Base64Url, FollowsTheRfcExamples) {
    // RFC 4648 §10, and the two characters that differ from plain base64
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
    };
    for (const auto& [bytes, text] : cases) {
        EXPECT_EQ(to_base64url(bytes), text);
        EXPECT_EQ(from_base64url(text), bytes);
    }
}

TEST(Base64Url, RefusesOtherSpellings) {
    for (const std::string_view text : {"Z", "Zh", "Zm9=", "Zm 9v", "+/+/", "Zm9vY"}) {
        EXPECT_EQ(from_base64url(text), std::nullopt) << text;
    }
}

TEST(Base64Url, GivesRandomBytesBack) {
    for (std::size_t size = 0; size < 100; ++size) {
        const std::string bytes = random_bytes(size);
        EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    }
}

TEST(Sha256, IsTheStandardsExample) {
    // FIPS 180-2 appendix B.1
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(EqualSecrets, ComparesWholeTexts) {
    EXPECT_TRUE(equal_secrets("abc", "abc"));
    EXPECT_FALSE(equal_secrets("abc", "abd"));
    EXPECT_FALSE(equal_secrets("abc", "abcd"));
    EXPECT_TRUE(equal_secrets("", ""));
}

}  // namespace
}  // namespace vmsecurity::base
