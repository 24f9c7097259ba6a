#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "families/sbom/records.h"
#include "families/sbom/sbom.h"

namespace {

using namespace vmsecurity::families::sbom;

// What decodes must encode to the same bytes again: no payload has two meanings.
template <typename T>
void check(const vmsecurity::base::Result<T>& decoded, std::string_view payload) {
    if (decoded && encode(*decoded) != payload) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr auto kKinds =
        std::to_array({kPackageRecord, kOperatingSystemRecord, kOwnedPathsRecord, kDatabaseRecord,
                       kPackageUpdateRecord, kUndescribedPackageRecord, kDatabaseFileRecord});
    if (size == 0) return 0;
    const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
    check(decode_package(payload), payload);
    check(decode_operating_system(payload), payload);
    check(decode_owned_paths(payload), payload);
    check(decode_database_summary(payload), payload);
    check(decode_package_update(payload), payload);

    // The payload is the path as well, for the record that speaks of its file's place.
    const vmsecurity::scan::Record record{0, 0, std::string(payload),
                                          std::string(kKinds[data[0] % kKinds.size()]),
                                          std::string(payload)};
    assemble({&record, 1}, {});
    return 0;
}
