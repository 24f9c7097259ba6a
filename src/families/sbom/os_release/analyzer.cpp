#include "families/sbom/os_release/analyzer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "families/sbom/fields.h"
#include "families/sbom/os_release/shell_value.h"
#include "families/sbom/records.h"

namespace vmsecurity::families::sbom::os_release {
namespace {

constexpr std::size_t kMaxIdLike = 16;

// The first words; a system has few that it is like.
std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> found;
    for (text = base::trim(text); !text.empty() && found.size() < kMaxIdLike;) {
        const std::string_view word = text.substr(0, text.find(' '));
        found.push_back(printable(word, kMaxIdentifierSize));
        text = base::trim(text.substr(word.size()));
    }
    return found;
}

void assign(std::string_view key, std::string_view value, model::OperatingSystem& os) {
    const std::string text = printable(value, kMaxIdentifierSize);
    if (key == "ID") {
        os.id = text;
    } else if (key == "ID_LIKE") {
        os.id_like = words(value);
    } else if (key == "VERSION_ID") {
        os.version_id = text;
    } else if (key == "VERSION_CODENAME") {
        os.codename = text;
    } else if (key == "NAME") {
        os.name = text;
    } else if (key == "PRETTY_NAME") {
        os.pretty_name = text;
    }
}

// ID and NAME, where left out, have the defaults of os-release(5). PRETTY_NAME has not: its
// "Linux" would hide the ID in every report that shows the one rather than the other.
model::OperatingSystem parse(std::string_view text, Problems& problems) {
    model::OperatingSystem os;
    LineReader lines(text);
    for (std::string_view line; lines.next(line);) {
        line = base::trim(line);
        if (line.empty() || line.front() == '#') continue;
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            problems.add_at_line(lines.number(), "expected NAME=value; the line is ignored");
            continue;
        }
        const std::string_view key = line.substr(0, equals);
        if (const auto value = unquote(line.substr(equals + 1))) {
            assign(key, *value, os);
        } else {
            problems.add_at_line(lines.number(),
                                 fmt::format("the value of {} is not one word of shell; quotes "
                                             "must end on the line. The line is ignored",
                                             printable(key, 40)));
        }
    }
    if (os.id.empty()) os.id = "linux";
    if (os.name.empty()) os.name = "Linux";
    return os;
}

class OsReleaseAnalyzer : public scan::Analyzer {
  public:
    std::string_view id() const override { return "sbom/os-release"; }

    std::vector<scan::Want> wants() const override {
        return {{"etc/os-release"}, {"usr/lib/os-release"}};
    }

    base::Result<void> analyze(const scan::File& file, scan::Sink& sink) const override {
        Problems problems(sink);
        model::OperatingSystem os = parse(base::as_text(file.content), problems);
        os.location = location_of(file.path);
        sink.emit(kOperatingSystemRecord, encode(os));
        problems.finish();
        return {};
    }
};

}  // namespace

std::unique_ptr<scan::Analyzer> make_analyzer() {
    return std::make_unique<OsReleaseAnalyzer>();
}

}  // namespace vmsecurity::families::sbom::os_release
