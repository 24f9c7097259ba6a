#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::families::sbom::python {

// The headers of a METADATA or PKG-INFO file that matter here (Python packaging's "Core metadata
// specifications"). Views point into the text; an absent header is empty.
struct Metadata {
    std::string_view name;
    std::string_view version;
    std::string_view summary;
    std::string_view author;  // Author, else Maintainer, else the e-mail address of either
    std::string_view license_expression;
    std::string_view license;                   // may run over many lines
    std::vector<std::string_view> classifiers;  // those of licences only
};

// Reads headers as Python's email parser does: to the first blank line or line that is no header;
// names in any case; of a repeated header the first counts.
Metadata parse_metadata(std::string_view text);

// SPDX expressions and names as recorded: License-Expression; else License if it is a name and not
// the whole text; else what the classifiers say.
std::vector<std::string> licenses(const Metadata& metadata);

}  // namespace vmsecurity::families::sbom::python
