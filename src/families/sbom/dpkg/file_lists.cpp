#include "families/sbom/dpkg/file_lists.h"

#include <algorithm>

#include "base/path_hash.h"
#include "base/text.h"
#include "families/sbom/fields.h"
#include "families/sbom/records.h"

namespace vmsecurity::families::sbom::dpkg {
namespace {

constexpr std::size_t kMd5Digits = 32;

// "/./usr/lib/" -> "usr/lib"; the root itself becomes empty.
std::string_view relative(std::string_view path) {
    while (path.starts_with('/') || path.starts_with("./")) {
        path.remove_prefix(path.starts_with('/') ? 1 : 2);
    }
    while (path.ends_with('/')) path.remove_suffix(1);
    return path == "." ? std::string_view() : path;
}

// Collects hashes and emits a record whenever one is full.
class Collector {
  public:
    Collector(OwnedPaths owner, scan::Sink& sink) : paths_(std::move(owner)), sink_(sink) {}
    void add(std::string_view path) {
        path = relative(path);
        if (path.empty()) return;
        paths_.hashes.push_back(base::path_hash(path));
        if (paths_.hashes.size() == OwnedPaths::kMaxHashes) flush();
    }
    void flush() {
        if (!paths_.hashes.empty()) sink_.emit(kOwnedPathsRecord, encode(paths_));
        paths_.hashes.clear();
    }

  private:
    OwnedPaths paths_;
    scan::Sink& sink_;
};

// The package that a list's file name speaks of: "usr.../libc6:amd64.list" -> libc6, amd64.
OwnedPaths owner_of(std::string_view path, std::string_view suffix) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    name.remove_suffix(suffix.size());
    const std::size_t colon = name.find(':');
    OwnedPaths owner;
    owner.package = printable(name.substr(0, colon), kMaxIdentifierSize);
    if (colon != std::string_view::npos) {
        owner.architecture = printable(name.substr(colon + 1), kMaxIdentifierSize);
    }
    return owner;
}

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

}  // namespace

void read_file_list(const scan::File& file, scan::Sink& sink) {
    Problems problems(sink);
    Collector collector(owner_of(file.path, ".list"), sink);
    LineReader lines(base::as_text(file.content));
    for (std::string_view line; lines.next(line);) {
        if (line.starts_with('/')) {
            collector.add(line);
        } else {
            problems.add_at_line(lines.number(), "expected an absolute path; the line is ignored");
        }
    }
    collector.flush();
    problems.finish();
}

void read_md5sums(const scan::File& file, scan::Sink& sink) {
    Problems problems(sink);
    Collector collector(owner_of(file.path, ".md5sums"), sink);
    LineReader lines(base::as_text(file.content));
    for (std::string_view line; lines.next(line);) {
        if (line.empty()) continue;
        // As md5sum(1) writes it: the digest, a space, then a space or (binary mode) an asterisk.
        if (line.size() < kMd5Digits + 3 || !is_hex(line.substr(0, kMd5Digits)) ||
            line[kMd5Digits] != ' ') {
            problems.add_at_line(lines.number(), "expected \"md5  path\"; the line is ignored");
            continue;
        }
        collector.add(line.substr(kMd5Digits + 2));
    }
    collector.flush();
    problems.finish();
}

}  // namespace vmsecurity::families::sbom::dpkg
