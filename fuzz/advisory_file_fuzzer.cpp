#include <sys/mman.h>

#include <cstdlib>
#include <string>

#include "advisories/database.h"
#include "base/file_descriptor.h"

using namespace vmsecurity;

// Bytes as an advisory file: opened, asked for packages of every ecosystem it claims, verified.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::FileDescriptor file(::memfd_create("advisories", MFD_CLOEXEC));
    if (!base::write_all(file.get(), std::as_bytes(std::span(data, size)))) std::abort();
    const auto database = advisories::Database::open("/proc/self/fd/" + std::to_string(file.get()));
    if (!database) return 0;
    std::size_t left = 8;
    for (const advisories::EcosystemInfo& ecosystem : database->info().ecosystems) {
        if (left-- == 0) break;
        for (const char* package : {"bash", "zlib", "some-package-x", "Some_Package.X", ""}) {
            const auto found = database->find(ecosystem.name, package);
            if (!found) continue;
            for (const advisories::PackageAdvisory& one : *found) {
                if (one.source >= database->info().sources.size()) std::abort();
            }
        }
    }
    (void)database->verify();
    return 0;
}
