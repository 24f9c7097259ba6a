#include "advisories/feeds/file_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <set>
#include <tuple>
#include <unordered_map>

#include "advisories/file_format.h"
#include "advisories/info_codec.h"
#include "advisories/record_decoder.h"
#include "base/byte_writer.h"

namespace vmsecurity::advisories {
namespace {

constexpr std::size_t kMaxSectionSize = std::numeric_limits<std::uint32_t>::max() - (1U << 24);
constexpr std::size_t kNoBudget = std::numeric_limits<std::size_t>::max();

std::string_view text_at(base::ByteSpan texts, std::uint32_t offset) {
    return base::as_text(texts.subspan(offset + 4, base::load_le<std::uint32_t>(texts, offset)));
}

struct IndexedPackage {
    std::uint64_t hash;
    std::uint32_t ecosystem;
    std::uint32_t name;
    std::uint32_t first;
    std::uint32_t count;
};

// The hash table over `packages`: about one bucket a package.
void write_index(std::vector<IndexedPackage>& packages, base::ByteWriter& buckets,
                 base::ByteWriter& entries) {
    const auto bits = std::min<std::uint32_t>(
        file_format::kMaxBucketBits, static_cast<std::uint32_t>(std::bit_width(packages.size())));
    const auto bucket_of = [&](const IndexedPackage& package) {
        return bits == 0 ? 0 : package.hash >> (64 - bits);
    };
    std::ranges::sort(packages, {}, [](const IndexedPackage& package) {
        return std::tuple(package.hash, package.first);
    });
    std::size_t next = 0;
    for (std::uint64_t bucket = 0; bucket < (std::uint64_t{1} << bits); ++bucket) {
        buckets.integer(static_cast<std::uint32_t>(next));
        while (next < packages.size() && bucket_of(packages[next]) == bucket) ++next;
    }
    buckets.integer(static_cast<std::uint32_t>(next));
    for (const IndexedPackage& package : packages) {
        entries.integer(static_cast<std::uint32_t>(package.hash));
        entries.integer(package.ecosystem);
        entries.integer(package.name);
        entries.integer(package.first);
        entries.integer(package.count);
    }
}

std::string write_file(const std::array<std::string_view, file_format::kSections>& sections) {
    using namespace file_format;
    std::uint64_t size = kHeaderSize;
    for (const std::string_view section : sections) size += section.size();

    base::ByteWriter header;
    header.integer(kVersion);
    header.integer(static_cast<std::uint32_t>(kSections));
    header.integer(size);
    header.integer(std::uint64_t{0});
    std::uint64_t offset = kHeaderSize;
    for (const std::string_view section : sections) {
        header.integer(offset);
        header.integer(static_cast<std::uint64_t>(section.size()));
        offset += section.size();
    }
    std::string file;
    file.reserve(size);
    file.append(kMagic).append(header.buffer());
    file.resize(kHeaderSize);
    for (const std::string_view section : sections) file += section;

    base::ByteWriter sum;
    sum.integer(checksum(file));
    file.replace(kChecksumOffset, sum.size(), sum.buffer());
    return file;
}

}  // namespace

struct FileWriter::Sections {
    RecordEncoder content;
    base::ByteWriter buckets;
    base::ByteWriter packages;
    base::ByteWriter entries;
};

base::Result<void> FileWriter::add(const Advisory& advisory, std::size_t source) {
    if (draft_.texts().size() > kMaxSectionSize || draft_.records().size() > kMaxSectionSize ||
        entries_.size() > kMaxSectionSize / file_format::kEntrySize) {
        return base::fail(base::ErrorCode::kLimitExceeded,
                          "the feeds hold more advisories than one advisory file can (4 GiB of "
                          "records or texts); build it from fewer feeds");
    }
    const std::uint32_t offset = draft_.advisory(advisory, source);
    const std::uint32_t id = draft_.text(advisory.id);
    for (const AffectedPackage& affected : advisory.affected) {
        const std::uint32_t ecosystem = draft_.text(affected.ecosystem);
        const std::uint32_t package = draft_.text(affected.name);
        entries_.push_back({ecosystem, package, id, draft_.affected(affected), offset});
    }
    ++advisories_;
    return {};
}

bool FileWriter::same_package(std::size_t i, std::size_t j) const {
    return entries_[i].ecosystem == entries_[j].ecosystem &&
           entries_[i].package == entries_[j].package;
}

// By ecosystem, package and id, and by order of reading where these are the same.
void FileWriter::sort_entries() {
    const base::ByteSpan texts = draft_.texts();
    std::ranges::sort(entries_, [&](const Entry& a, const Entry& b) {
        const auto less = [&](std::uint32_t x, std::uint32_t y) {
            return text_at(texts, x) < text_at(texts, y);
        };
        if (a.ecosystem != b.ecosystem) return less(a.ecosystem, b.ecosystem);
        if (a.package != b.package) return less(a.package, b.package);
        if (a.id != b.id) return less(a.id, b.id);
        return std::tie(a.advisory, a.affected) < std::tie(b.advisory, b.affected);
    });
}

void FileWriter::count_ecosystems(DatabaseInfo& info) const {
    std::set<std::uint32_t> advisories;
    info.ecosystems.clear();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (i == 0 || entries_[i].ecosystem != entries_[i - 1].ecosystem) {
            info.ecosystems.push_back(
                {std::string(text_at(draft_.texts(), entries_[i].ecosystem)), 0, 0});
            advisories.clear();
        }
        EcosystemInfo& ecosystem = info.ecosystems.back();
        if (i == 0 || !same_package(i, i - 1)) ++ecosystem.packages;
        advisories.insert(entries_[i].advisory);
        ecosystem.advisories = advisories.size();
    }
}

// Writes the draft again in the order in which it will be read, so that a lookup finds its bytes
// side by side: first names, then all version ranges by package, which every lookup reads, then the
// advisories, which only a match reads.
base::Result<FileWriter::Sections> FileWriter::lay_out() {
    Sections out;
    RecordDecoder draft(draft_.texts(), draft_.records(), kNoBudget);
    std::vector<IndexedPackage> packages;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (i == 0 || !same_package(i, i - 1)) {
            const std::string_view ecosystem = text_at(draft_.texts(), entries_[i].ecosystem);
            const std::string_view name = text_at(draft_.texts(), entries_[i].package);
            packages.push_back({file_format::key_hash(ecosystem, name), out.content.text(ecosystem),
                                out.content.text(name), static_cast<std::uint32_t>(i), 0});
        }
        ++packages.back().count;
    }
    std::vector<std::uint32_t> affected;
    affected.reserve(entries_.size());
    for (const Entry& entry : entries_) {
        affected.push_back(out.content.affected(draft.affected(entry.affected)));
    }
    std::unordered_map<std::uint32_t, std::uint32_t> advisories;  // draft offset -> final offset
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const auto [place, is_new] = advisories.try_emplace(entries_[i].advisory);
        if (is_new) {
            std::size_t source = 0;
            const Advisory advisory = draft.advisory(entries_[i].advisory, source);
            place->second = out.content.advisory(advisory, source);
        }
        out.entries.integer(affected[i]);
        out.entries.integer(place->second);
    }
    if (draft.failed()) {
        return base::fail(base::ErrorCode::kInternal, "the advisory file's draft is inconsistent");
    }
    write_index(packages, out.buckets, out.packages);
    return out;
}

base::Result<std::string> FileWriter::finish(DatabaseInfo& info) {
    sort_entries();
    count_ecosystems(info);
    info.advisories = advisories_;
    VMSECURITY_ASSIGN(const Sections sections, lay_out());
    const std::string info_bytes = encode_info(info);
    std::string file =
        write_file({info_bytes, base::as_text(sections.content.texts()), sections.buckets.buffer(),
                    sections.packages.buffer(), sections.entries.buffer(),
                    base::as_text(sections.content.records())});
    info.file_size = file.size();
    return file;
}

}  // namespace vmsecurity::advisories
