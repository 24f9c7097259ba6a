#include "families/sbom/dpkg/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"
#include "families/sbom/dpkg/control.h"
#include "families/sbom/fields.h"
#include "families/sbom/records.h"

namespace vmsecurity::families::sbom::dpkg {
namespace {

constexpr std::string_view kStatusLocation = "/var/lib/dpkg/status";
constexpr std::string_view kFragmentsLocation = "/var/lib/dpkg/status.d";

// More than the largest distribution has. What a file claims beyond that would only fill memory.
constexpr std::size_t kMaxPackages = 200'000;
constexpr std::string_view kTooManyPackages =
    "more than 200,000 packages, which no distribution has; the rest of the file is left out";

enum class State : std::uint8_t { kAbsent, kInstalled, kHalfInstalled };

// dpkg(1), "Package states": the third word of Status says what is on the disk; the first is only
// what somebody wants. From "unpacked" on all files are there. Of a "half-installed" package some
// are: a snapshot can catch an upgrade in the middle, and to leave the package out would be a miss.
std::optional<State> parse_state(std::string_view status) {
    static constexpr std::array<std::pair<std::string_view, State>, 8> kStates = {{
        {"installed", State::kInstalled},
        {"triggers-pending", State::kInstalled},
        {"triggers-awaited", State::kInstalled},
        {"half-configured", State::kInstalled},
        {"unpacked", State::kInstalled},
        {"half-installed", State::kHalfInstalled},
        {"config-files", State::kAbsent},
        {"not-installed", State::kAbsent},
    }};
    std::string_view word;
    for (int i = 0; i < 3; ++i) {
        status = base::trim(status);
        word = status.substr(0, status.find_first_of(" \t"));
        status.remove_prefix(word.size());
    }
    if (!base::trim(status).empty()) return std::nullopt;
    for (const auto& [name, state] : kStates) {
        if (name == word) return state;
    }
    return std::nullopt;
}

// deb-control(5): letters, digits, '+', '-' and '.'; dpkg also takes '_'.
bool is_package_name(std::string_view name) {
    return !name.empty() && name.size() <= kMaxIdentifierSize &&
           std::ranges::all_of(name, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '+' || c == '-' || c == '.' || c == '_';
           });
}

bool is_one_word(std::string_view text) {
    return text.size() <= kMaxIdentifierSize && std::ranges::none_of(text, [](char c) {
               return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
           });
}

// "Source: name" or "Source: name (version)" (Debian Policy §5.6.1); what is left out is as in the
// binary package.
void set_source(const Stanza& stanza, model::Package& package, Problems& problems) {
    package.source_name = package.name;
    package.source_version = package.version;
    const std::string_view source = stanza.value(Field::kSource);
    if (source.empty()) return;

    const std::string_view name = base::trim(source.substr(0, source.find('(')));
    if (!is_package_name(name)) {
        problems.add_at_line(stanza.line,
                             "Source is no package name; the binary package's name is taken");
        return;
    }
    package.source_name = std::string(name);
    const std::string_view rest = base::trim(source.substr(source.find(name) + name.size()));
    if (rest.empty()) return;
    const bool bracketed = rest.size() > 2 && rest.front() == '(' && rest.back() == ')';
    const std::string_view version =
        bracketed ? base::trim(rest.substr(1, rest.size() - 2)) : std::string_view();
    if (version.empty() || !is_one_word(version)) {
        problems.add_at_line(stanza.line,
                             "Source should be \"name\" or \"name (version)\"; the binary "
                             "package's version is taken");
        return;
    }
    package.source_version = base::escape_bytes(version);
}

struct Entry {
    std::string name;
    std::string architecture;
    std::optional<model::Package> installed;
};

// What one paragraph says, or nothing if it cannot be used (then `problems` knows why).
std::optional<Entry> read_entry(const Stanza& stanza, std::string_view location,
                                bool status_required, Problems& problems) {
    const auto refuse = [&](std::string_view reason) {
        problems.add_at_line(stanza.line, reason);
        return std::nullopt;
    };
    const std::string_view name = stanza.value(Field::kPackage);
    if (name.empty()) return refuse("paragraph without Package; it is left out");
    if (!is_package_name(name)) return refuse("Package is no package name; it is left out");
    const auto refuse_package = [&](std::string_view reason) {
        return refuse(fmt::format("package {}: {}; it is left out",
                                  printable(name, kMaxIdentifierSize), reason));
    };

    State state = State::kInstalled;
    if (stanza.has(Field::kStatus) || status_required) {
        const auto parsed = parse_state(stanza.value(Field::kStatus));
        if (!parsed) {
            return refuse_package(fmt::format(
                "Status \"{}\" is not three words that end with one of dpkg's package states",
                printable(stanza.value(Field::kStatus), 80)));
        }
        state = *parsed;
    }
    const std::string_view architecture = stanza.value(Field::kArchitecture);
    if (!is_one_word(architecture)) return refuse_package("Architecture is not one word");
    Entry entry{std::string(name), base::escape_bytes(architecture), std::nullopt};
    const std::string_view version = stanza.value(Field::kVersion);
    if (state == State::kAbsent) return entry;
    // dpkg writes no version while it unpacks a package that was not there before.
    if (state == State::kHalfInstalled && version.empty()) return entry;
    if (version.empty()) return refuse_package("it is installed and has no Version");
    if (!is_one_word(version)) return refuse_package("Version is not one word");

    model::Package& package = entry.installed.emplace();
    package.type = "deb";
    package.name = entry.name;
    package.version = base::escape_bytes(version);
    package.architecture = entry.architecture;
    package.description = printable(stanza.value(Field::kDescription));
    package.maintainer = printable(stanza.value(Field::kMaintainer));
    package.location = std::string(location);
    set_source(stanza, package, problems);
    return entry;
}

void read_database(const scan::File& file, std::string_view name, bool status_required,
                   scan::Sink& sink) {
    Problems problems(sink);
    StanzaReader reader(base::as_text(file.content), problems);
    const std::string location = location_of(file.path);
    DatabaseSummary summary{std::string(name), 0};
    for (Stanza stanza; reader.next(stanza);) {
        const auto entry = read_entry(stanza, location, status_required, problems);
        if (!entry || !entry->installed) continue;
        if (summary.packages == kMaxPackages) {
            problems.add_at_line(stanza.line, kTooManyPackages);
            break;
        }
        sink.emit(kPackageRecord, encode(*entry->installed));
        ++summary.packages;
    }
    problems.finish();
    sink.emit(kDatabaseRecord, encode(summary));
}

}  // namespace

void read_status(const scan::File& file, scan::Sink& sink) {
    read_database(file, kStatusLocation, true, sink);
}

void read_status_fragment(const scan::File& file, scan::Sink& sink) {
    read_database(file, kFragmentsLocation, false, sink);
}

void read_journal(const scan::File& file, scan::Sink& sink) {
    Problems problems(sink);
    StanzaReader reader(base::as_text(file.content), problems);
    std::size_t packages = 0;
    for (Stanza stanza; reader.next(stanza);) {
        auto entry = read_entry(stanza, location_of(file.path), true, problems);
        if (!entry) continue;
        if (++packages > kMaxPackages) {
            problems.add_at_line(stanza.line, kTooManyPackages);
            break;
        }
        sink.emit(kPackageUpdateRecord,
                  encode(PackageUpdate{std::move(entry->name), std::move(entry->architecture),
                                       std::move(entry->installed)}));
    }
    problems.finish();
}

}  // namespace vmsecurity::families::sbom::dpkg
