#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "families/sbom/fields.h"

namespace vmsecurity::families::sbom::dpkg {

// The fields of a binary package's stanza that matter here (deb-control(5)).
enum class Field : std::uint8_t {
    kPackage,
    kStatus,
    kVersion,
    kArchitecture,
    kSource,
    kMaintainer,
    kDescription,
};
inline constexpr std::size_t kFieldCount = 7;

// One paragraph. A value is its first line without white space around it (for Description that is
// the synopsis), or its first continuation line if the first is empty; absent fields are empty.
struct Stanza {
    std::size_t line = 0;  // of its first field
    std::array<std::string_view, kFieldCount> values;
    std::array<bool, kFieldCount> present{};

    std::string_view value(Field field) const { return values[static_cast<std::size_t>(field)]; }
    bool has(Field field) const { return present[static_cast<std::size_t>(field)]; }
};

// Reads deb822(5) paragraphs: "Name: value" lines with case-insensitive names, continuation lines
// that start with white space, and blank lines between paragraphs. Malformed lines and repeated
// fields go to `problems`; the rest of the paragraph counts. Views point into the text.
class StanzaReader {
  public:
    StanzaReader(std::string_view text, Problems& problems) : lines_(text), problems_(problems) {}
    bool next(Stanza& stanza);

  private:
    std::string_view* field_line(std::string_view line, Stanza& stanza);

    LineReader lines_;
    Problems& problems_;
};

}  // namespace vmsecurity::families::sbom::dpkg
