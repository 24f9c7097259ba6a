#include "base/sha256.h"

#include "base/secrets.h"

namespace vmsecurity::base {
namespace {

TEST(Sha256, OfPiecesIsThatOfTheWhole) {
    // FIPS 180-4's example of two blocks
    const std::string text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Sha256 hash;
        hash.update(std::string_view(text).substr(0, cut));
        hash.update(std::string_view(text).substr(cut));
        EXPECT_EQ(hash.finish_hex(),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
    EXPECT_EQ(Sha256().finish_hex(), sha256_hex(""));
}

}  // namespace
}  // namespace vmsecurity::base
