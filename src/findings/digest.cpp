#include <openssl/evp.h>

#include <array>
#include <cstdlib>

#include "findings/finding_key.h"

namespace vmsecurity::findings {
namespace {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view text) {
    // Looked up once: the lookup costs more than the hash of a key.
    static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    Sha256 digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, kAlgorithm, nullptr) != 1) {
        std::abort();  // no memory for its state: nothing could be told apart any more
    }
    return digest;
}

}  // namespace

std::string key_digest(std::string_view key) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    constexpr std::size_t kBytes = 16;
    const Sha256 digest = sha256(key);
    std::string text;
    text.reserve(2 * kBytes);
    for (std::size_t i = 0; i < kBytes; ++i) {
        text += kDigits[digest[i] >> 4];
        text += kDigits[digest[i] & 0xF];
    }
    return text;
}

std::int64_t short_digest(std::string_view text) {
    const Sha256 digest = sha256(text);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof bits; ++i) bits = bits << 8 | digest[i];
    return static_cast<std::int64_t>(bits >> 1);
}

}  // namespace vmsecurity::findings
