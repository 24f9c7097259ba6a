#include "advisories/file_format.h"

#include <xxhash.h>

#include <string>

namespace vmsecurity::advisories::file_format {

std::uint64_t key_hash(std::string_view ecosystem, std::string_view package) {
    // Neither part can hold a zero byte that would make two keys one: the hash only chooses the
    // bucket, the texts decide.
    std::string key;
    key.reserve(ecosystem.size() + 1 + package.size());
    key.append(ecosystem).append(1, '\0').append(package);
    return XXH3_64bits(key.data(), key.size());
}

std::uint64_t checksum(std::string_view file) {
    static constexpr std::array<char, 8> kZero{};
    const std::string_view before = file.substr(0, kChecksumOffset);
    const std::string_view after = file.substr(kChecksumOffset + kZero.size());
    XXH3_state_t* state = XXH3_createState();
    XXH3_64bits_reset(state);
    XXH3_64bits_update(state, before.data(), before.size());
    XXH3_64bits_update(state, kZero.data(), kZero.size());
    XXH3_64bits_update(state, after.data(), after.size());
    const std::uint64_t hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return hash;
}

}  // namespace vmsecurity::advisories::file_format
