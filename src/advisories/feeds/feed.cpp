#include "advisories/feeds/feed.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "advisories/feeds/debian_oval_reader.h"
#include "advisories/feeds/osv_reader.h"
#include "advisories/file_format.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "base/text.h"
#include "codec/archive.h"

namespace vmsecurity::advisories {
namespace {

using base::ErrorCode;

constexpr std::uint64_t kMaxFileSize = 1024ULL << 20;
constexpr std::size_t kMaxSummary = 300;
constexpr std::uint64_t kNamedRejections = 5;

bool is_storable(const std::vector<std::string>& texts) {
    return texts.size() <= file_format::kMaxCount &&
           std::ranges::all_of(
               texts, [](const auto& text) { return text.size() <= file_format::kMaxText; });
}

bool is_storable(const AffectedPackage& affected) {
    const auto fits = [](const RangeEvent& event) {
        return event.version.size() <= file_format::kMaxText;
    };
    return affected.ranges.size() <= file_format::kMaxCount && is_storable(affected.versions) &&
           is_storable({affected.ecosystem, affected.name, affected.urgency,
                        affected.rating.cvss_vector}) &&
           std::ranges::all_of(affected.ranges, [&](const VersionRange& range) {
               return range.events.size() <= file_format::kMaxCount &&
                      std::ranges::all_of(range.events, fits);
           });
}

bool is_storable(const Advisory& advisory) {
    return is_storable({advisory.id, advisory.summary, advisory.published, advisory.modified,
                        advisory.rating.cvss_vector}) &&
           is_storable(advisory.aliases) && is_storable(advisory.related) &&
           is_storable(advisory.urls) &&
           std::ranges::all_of(advisory.affected,
                               [](const AffectedPackage& one) { return is_storable(one); });
}

bool is_yaml(std::string_view name, std::string_view text) {
    return name.ends_with(".yaml") || name.ends_with(".yml") || text.starts_with("id:") ||
           text.starts_with("schema_version:");
}

// Reads one unpacked file; its format is told by how it begins.
base::Result<void> read_text(std::string_view text, const std::string& where, FeedReport& report) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const std::string_view content = base::trim(text.substr(0, 4096));
    if (content.starts_with('<')) return read_debian_oval(text, where, report);
    if (content.starts_with('{') || content.starts_with('[')) {
        return read_osv_json(text, where, report);
    }
    if (is_yaml(where, content)) return read_osv_yaml(text, where, report);
    report.reject(
        where,
        {ErrorCode::kUnsupported, "neither OSV (JSON or YAML) nor Debian OVAL (XML)", {}, {}});
    return {};
}

bool has_feed_extension(const std::filesystem::path& path) {
    static constexpr std::array kExtensions = {".json", ".jsonl", ".ndjson", ".yaml",
                                               ".yml",  ".xml",   ".zip",    ".gz",
                                               ".bz2",  ".xz",    ".zst",    ".tar"};
    return std::ranges::find(kExtensions, path.extension().string()) != kExtensions.end();
}

base::Result<void> read_one_file(const std::string& path, FeedReport& report) {
    VMSECURITY_ASSIGN(const base::FileDescriptor file, base::open_file(path, O_RDONLY));
    std::array<char, 512> head{};
    const ssize_t count = ::pread(file.get(), head.data(), head.size(), 0);
    if (count < 0) return base::fail(base::system_error(errno, "cannot read " + path));
    const std::string_view start(head.data(), static_cast<std::size_t>(count));
    if (codec::detect_packing(start) == codec::Packing::kNone) {
        VMSECURITY_ASSIGN(const std::string text, base::read_file(path, kMaxFileSize));
        return read_text(text, path, report);
    }
    return codec::walk_archive(
        path, {}, [&](std::string_view name, const std::string& content) -> base::Result<void> {
            if (name.empty()) return read_text(content, path, report);
            if (!has_feed_extension(name)) return {};
            return read_text(content, fmt::format("{}: {}", path, base::escape_bytes(name)),
                             report);
        });
}

base::Result<std::vector<std::string>> files_below(const std::string& directory) {
    std::vector<std::string> files;
    std::error_code error;
    std::filesystem::recursive_directory_iterator entry(directory, error);
    for (; !error && entry != std::filesystem::recursive_directory_iterator();
         entry.increment(error)) {
        if (entry->symlink_status(error).type() == std::filesystem::file_type::regular &&
            has_feed_extension(entry->path())) {
            files.push_back(entry->path().string());
        }
        if (error) break;
    }
    if (error) {
        return base::fail(base::system_error(error.value(), "cannot list " + directory));
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace

base::Result<void> FeedReport::add(Advisory advisory) {
    if (!is_storable(advisory)) {
        reject(advisory.id.substr(0, 64),
               {ErrorCode::kLimitExceeded, "a text or list of the record is too long", {}, {}});
        return {};
    }
    // Times of one form (UTC, "Z") order as text; a record with another form does not count as
    // newest. Go's database writes the year 1 for "not known".
    const bool known = !advisory.modified.starts_with("0001-");
    const std::string& time = known ? advisory.modified : advisory.published;
    if (time.ends_with('Z')) counts_.newest = std::max(counts_.newest, time);
    ++counts_.records;
    return sink_(std::move(advisory));
}

void FeedReport::reject(std::string_view where, const base::Error& error) {
    if (++counts_.rejected <= kNamedRejections) {
        base::log::warning("{}: left out: {}", where, error.describe());
    }
}

base::Result<void> read_feed(const std::string& path, FeedReport& report) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        VMSECURITY_ASSIGN(const auto files, files_below(path));
        for (const std::string& file : files) VMSECURITY_TRY(read_one_file(file, report));
    } else {
        VMSECURITY_TRY(read_one_file(path, report));
    }
    const FeedCounts& counts = report.counts();
    if (counts.records + counts.withdrawn + counts.skipped == 0) {
        return base::fail(
            ErrorCode::kCorrupt,
            fmt::format("{} holds no advisory: wanted are OSV records (JSON, NDJSON, YAML, a "
                        "directory or a zip of them) or Debian OVAL (XML)",
                        path),
            {}, fmt::format("{} files or records were rejected", counts.rejected));
    }
    return {};
}

std::string one_line(std::string_view text) {
    static constexpr std::string_view kCut = "…";
    std::string line;
    for (const char c : base::trim(text)) {
        const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        if (blank && line.ends_with(' ')) continue;
        line += blank ? ' ' : c;
        if (line.size() > kMaxSummary) break;
    }
    if (line.size() <= kMaxSummary) return line;
    std::size_t end = kMaxSummary - kCut.size();
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    return line.substr(0, end).append(kCut);
}

}  // namespace vmsecurity::advisories
