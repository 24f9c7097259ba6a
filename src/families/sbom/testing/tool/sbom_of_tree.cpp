// sbom_of_tree DIRECTORY [--cyclonedx]: what all catalogers find in a tree, as the JSON of the data
// tests or as CycloneDX with a fixed serial number and time.
#include <cstdio>
#include <string_view>
#include <vector>

#include "families/sbom/catalogers.h"
#include "families/sbom/testing/cataloger_case.h"

int main(int argc, char** argv) {
    namespace sbom = vmsecurity::families::sbom;
    if (argc < 2) {
        std::fputs("usage: sbom_of_tree DIRECTORY [--cyclonedx]\n", stderr);
        return 2;
    }
    const auto catalogers = sbom::make_catalogers();
    std::vector<const vmsecurity::scan::Analyzer*> analyzers;
    analyzers.reserve(catalogers.size());
    for (const auto& cataloger : catalogers) analyzers.push_back(cataloger.get());
    const auto result = sbom::testing::sbom_of_tree(analyzers, argv[1]);
    const bool cyclonedx = argc > 2 && std::string_view(argv[2]) == "--cyclonedx";
    const std::string text =
        cyclonedx ? to_cyclonedx(result.sbom, {"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
                                               "2024-01-01T00:00:00Z", argv[1], "0.1.0"})
                  : sbom::testing::to_json(result);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}
