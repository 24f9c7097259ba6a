#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json_writer.h"
#include "families/sbom/results/coverage.h"

// What the family found, as the API server keeps it (FamilyResults of api/openapi.yaml), and back.
// Written and read a package at a time: neither side holds the document.
namespace vmsecurity::families::sbom::results {

// What one target was, for the statistics of the asset scan.
struct InputStatistics {
    std::string type;  // "rootfs", "dir", "file": the input types of 0.6
    std::string path;
    std::uint64_t bytes = 0;
    std::string started;  // RFC 3339
    std::string ended;
};

// What stands beside the items.
struct Head {
    std::string observed_on;  // RFC 3339: when the asset looked like this
    std::vector<std::string> errors;
    std::vector<InputStatistics> statistics;
    std::vector<LocatedCoverage> coverage;
};

// Takes the text in pieces; its error is the answer of the call that met it.
using Sink = std::function<base::Result<void>(std::string_view text)>;

// {"objectType":"Package", ...} as an asset scan and a vulnerability have it; without a type of
// finding where `object_type` is empty.
void write_package(codec::JsonWriter& json, const model::Package& package,
                   const model::OperatingSystem& os, std::string_view object_type);

// Everything up to the items, with their opening bracket; "]}" closes them.
std::string write_head(const Head& head, std::string_view family);

// What matching reads of a package goes along as its evidence.
base::Result<void> write(std::span<const Root> roots, const Head& head, const Sink& sink);

// What was written, or as much of it as says what matching needs.
struct StoredResults {
    std::string observed_on;
    std::vector<Root> roots;  // with packages, without coverage of their own; matching them gives
                              // what matching the roots that were written gave
    std::vector<LocatedCoverage> coverage;
    std::uint64_t not_ours = 0;  // items that somebody else sent: nothing to match them by
};

// Reads FamilyResults as they arrive.
class Reader {
  public:
    Reader();
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // kCorrupt: not FamilyResults, with the byte at which they end.
    base::Result<void> write(std::string_view text);
    base::Result<StoredResults> finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vmsecurity::families::sbom::results
