#include "families/sbom/dpkg/control.h"

#include <algorithm>

#include "base/text.h"

namespace vmsecurity::families::sbom::dpkg {
namespace {

constexpr std::array<std::string_view, kFieldCount> kNames = {
    "package", "status", "version", "architecture", "source", "maintainer", "description"};

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
}

}  // namespace

bool StanzaReader::next(Stanza& stanza) {
    stanza = {};
    std::string_view* continued = nullptr;  // a field whose value may start on the next line
    for (std::string_view line; lines_.next(line);) {
        if (base::trim(line).empty()) {
            if (stanza.line != 0) return true;
            continue;
        }
        if (stanza.line == 0) stanza.line = lines_.number();
        if (line.front() == ' ' || line.front() == '\t') {
            if (continued != nullptr && continued->empty()) *continued = base::trim(line);
            continue;
        }
        continued = field_line(line, stanza);
    }
    return stanza.line != 0;
}

// The value that the line set, or nullptr if the field is of no interest here.
std::string_view* StanzaReader::field_line(std::string_view line, Stanza& stanza) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        problems_.add_at_line(lines_.number(), "expected \"Field: value\"; the line is ignored");
        return nullptr;
    }
    const std::string_view name = base::trim(line.substr(0, colon));
    for (std::size_t i = 0; i < kFieldCount; ++i) {
        if (!equals_ignoring_case(name, kNames[i])) continue;
        if (stanza.present[i]) {
            problems_.add_at_line(lines_.number(),
                                  "a field is given twice in one paragraph; the first one counts");
            return nullptr;
        }
        stanza.present[i] = true;
        stanza.values[i] = base::trim(line.substr(colon + 1));
        return &stanza.values[i];
    }
    return nullptr;
}

}  // namespace vmsecurity::families::sbom::dpkg
