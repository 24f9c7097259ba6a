#include "advisories/feeds/build.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>

#include "advisories/feeds/feed.h"
#include "advisories/feeds/file_writer.h"
#include "base/text.h"
#include "net/http_download.h"

namespace vmsecurity::advisories {
namespace {

constexpr std::uint64_t kProgressEvery = 1000;
constexpr std::uint64_t kMaxDownload = 2048ULL << 20;

bool is_url(std::string_view location) {
    return location.starts_with("http://") || location.starts_with("https://");
}

std::string build_time(const BuildOptions& options) {
    if (!options.created.empty()) return options.created;
    std::time_t now = std::time(nullptr);
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) {
        const auto seconds = base::parse_unsigned(epoch);
        // Year 9999: what a four-digit year can say.
        if (seconds && *seconds < 253402300800ULL) now = static_cast<std::time_t>(*seconds);
    }
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

// "OSV PyPI" if the feed speaks of one ecosystem, else "OSV" and the last part of its location.
std::string source_name(const Feed& feed, const FeedCounts& counts,
                        const std::set<std::string, std::less<>>& ecosystems) {
    if (!feed.name.empty()) return feed.name;
    const std::string kind = counts.debian_oval ? "Debian OVAL" : "OSV";
    if (ecosystems.size() == 1) {
        std::string_view only = *ecosystems.begin();
        if (counts.debian_oval && only.starts_with("Debian:")) only.remove_prefix(7);
        return fmt::format("{} {}", kind, only);
    }
    std::string_view location = feed.location;
    while (location.ends_with('/')) location.remove_suffix(1);
    return fmt::format("{} {}", kind, base::escape_bytes(location.substr(location.rfind('/') + 1)));
}

std::string source_format(const FeedCounts& counts) {
    if (counts.osv && counts.debian_oval) return "osv, debian-oval";
    return counts.debian_oval ? "debian-oval" : "osv";
}

base::Result<SourceInfo> read_source(const Feed& feed, std::size_t index,
                                     const BuildOptions& options, FileWriter& writer) {
    // A name is made of the ecosystems only where they are few; more are not worth keeping.
    std::set<std::string, std::less<>> ecosystems;
    std::uint64_t records = 0;
    FeedReport report([&](const Advisory& advisory) -> base::Result<void> {
        for (const AffectedPackage& affected : advisory.affected) {
            if (ecosystems.size() < 2) ecosystems.insert(affected.ecosystem);
        }
        if (++records % kProgressEvery == 0 && options.progress) options.progress(feed, records);
        return writer.add(advisory, index);
    });
    if (is_url(feed.location)) {
        VMSECURITY_ASSIGN(const net::DownloadedFile file,
                          net::http_download(feed.location, {.max_bytes = kMaxDownload}));
        VMSECURITY_TRY(read_feed(file.path(), report));
    } else {
        VMSECURITY_TRY(read_feed(feed.location, report));
    }
    if (options.progress) options.progress(feed, records);

    const FeedCounts& counts = report.counts();
    SourceInfo source;
    source.name = source_name(feed, counts, ecosystems);
    source.format = source_format(counts);
    source.location = feed.location;
    source.newest = counts.newest;
    source.records = counts.records;
    source.withdrawn = counts.withdrawn;
    source.skipped = counts.skipped;
    source.rejected = counts.rejected;
    source.demo = feed.demo;
    return source;
}

}  // namespace

base::Result<DatabaseInfo> build_database(const BuildOptions& options) {
    if (options.feeds.empty()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          "no feed is given: name at least one file, directory or URL");
    }
    if (options.feeds.size() > 0xFFFF) {
        return base::fail(base::ErrorCode::kInvalidArgument, "more than 65,535 feeds");
    }
    DatabaseInfo info;
    info.created = build_time(options);
    info.tool = fmt::format("vmsecurity {}", VMSECURITY_VERSION);
    FileWriter writer;
    for (const Feed& feed : options.feeds) {
        VMSECURITY_ASSIGN(SourceInfo source,
                          read_source(feed, info.sources.size(), options, writer));
        source.retrieved = info.created;
        info.sources.push_back(std::move(source));
    }
    VMSECURITY_ASSIGN(const std::string file, writer.finish(info));
    VMSECURITY_TRY(replace_file(options.output, file));
    return info;
}

}  // namespace vmsecurity::advisories
