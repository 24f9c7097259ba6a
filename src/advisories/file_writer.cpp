#include "advisories/file_writer.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <set>
#include <tuple>

#include "advisories/file_format.h"
#include "advisories/info_codec.h"

namespace vmsecurity::advisories {
namespace {

constexpr std::size_t kMaxSectionSize = std::numeric_limits<std::uint32_t>::max() - (1U << 20);

std::uint32_t offset_of(const base::ByteWriter& writer) {
    return static_cast<std::uint32_t>(writer.size());
}

}  // namespace

struct FileWriter::Index {
    base::ByteWriter buckets;
    base::ByteWriter packages;
    base::ByteWriter entries;
};

std::uint32_t FileWriter::text(std::string_view value) {
    const auto [place, is_new] = text_offsets_.try_emplace(std::string(value), offset_of(texts_));
    if (is_new) texts_.text(value);
    return place->second;
}

void FileWriter::texts(const std::vector<std::string>& values) {
    records_.integer(static_cast<std::uint16_t>(values.size()));
    for (const std::string& value : values) records_.integer(text(value));
}

std::string_view FileWriter::text_at(std::uint32_t offset) const {
    const base::ByteSpan bytes = base::as_bytes(texts_.buffer());
    return base::as_text(bytes.subspan(offset + 4, base::load_le<std::uint32_t>(bytes, offset)));
}

std::uint32_t FileWriter::write_affected(const AffectedPackage& affected) {
    const std::uint32_t offset = offset_of(records_);
    records_.integer(text(affected.urgency));
    records_.integer(static_cast<std::uint16_t>(affected.ranges.size()));
    for (const VersionRange& range : affected.ranges) {
        records_.integer(static_cast<std::uint16_t>(range.events.size()));
        for (const RangeEvent& event : range.events) {
            records_.integer(static_cast<std::uint8_t>(event.kind));
            records_.integer(text(event.version));
        }
    }
    texts(affected.versions);
    return offset;
}

base::Result<void> FileWriter::add(const Advisory& advisory, std::size_t source) {
    if (texts_.size() > kMaxSectionSize || records_.size() > kMaxSectionSize ||
        entries_.size() > kMaxSectionSize / file_format::kEntrySize) {
        return base::fail(base::ErrorCode::kLimitExceeded,
                          "the feeds hold more advisories than one advisory file can (4 GiB of "
                          "records or texts); build it from fewer feeds");
    }
    const std::uint32_t offset = offset_of(records_);
    const std::uint32_t id = text(advisory.id);
    records_.integer(id);
    records_.integer(static_cast<std::uint16_t>(source));
    records_.integer(static_cast<std::uint8_t>(advisory.severity));
    for (const std::string* value :
         {&advisory.summary, &advisory.published, &advisory.modified, &advisory.cvss_vector}) {
        records_.integer(text(*value));
    }
    texts(advisory.aliases);
    texts(advisory.related);
    texts(advisory.urls);
    for (const AffectedPackage& affected : advisory.affected) {
        const std::uint32_t ecosystem = text(affected.ecosystem);
        const std::uint32_t package = text(affected.name);
        entries_.push_back({ecosystem, package, id, write_affected(affected), offset});
    }
    ++advisories_;
    return {};
}

// By ecosystem, package and id, and by order of reading where these are the same.
void FileWriter::sort_entries() {
    std::ranges::sort(entries_, [this](const Entry& a, const Entry& b) {
        const auto differs = [&](std::uint32_t x, std::uint32_t y) { return x != y; };
        if (differs(a.ecosystem, b.ecosystem)) return text_at(a.ecosystem) < text_at(b.ecosystem);
        if (differs(a.package, b.package)) return text_at(a.package) < text_at(b.package);
        if (differs(a.id, b.id)) return text_at(a.id) < text_at(b.id);
        return std::tie(a.advisory, a.affected) < std::tie(b.advisory, b.affected);
    });
}

void FileWriter::count_ecosystems(DatabaseInfo& info) const {
    std::set<std::uint32_t> advisories;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const bool new_ecosystem = i == 0 || entries_[i].ecosystem != entries_[i - 1].ecosystem;
        if (new_ecosystem) {
            info.ecosystems.push_back({std::string(text_at(entries_[i].ecosystem)), 0, 0});
            advisories.clear();
        }
        EcosystemInfo& ecosystem = info.ecosystems.back();
        if (new_ecosystem || entries_[i].package != entries_[i - 1].package) ++ecosystem.packages;
        advisories.insert(entries_[i].advisory);
        ecosystem.advisories = advisories.size();
    }
}

FileWriter::Index FileWriter::build_index() const {
    struct Package {
        std::uint64_t hash;
        std::uint32_t first;
        std::uint32_t count;
    };
    std::vector<Package> packages;
    Index index;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const Entry& entry = entries_[i];
        if (i == 0 || entry.ecosystem != entries_[i - 1].ecosystem ||
            entry.package != entries_[i - 1].package) {
            packages.push_back(
                {file_format::key_hash(text_at(entry.ecosystem), text_at(entry.package)),
                 static_cast<std::uint32_t>(i), 0});
        }
        ++packages.back().count;
        index.entries.integer(entry.affected);
        index.entries.integer(entry.advisory);
    }

    const auto bits = std::min<std::uint32_t>(
        file_format::kMaxBucketBits, static_cast<std::uint32_t>(std::bit_width(packages.size())));
    const auto bucket_of = [&](const Package& package) {
        return bits == 0 ? 0 : package.hash >> (64 - bits);
    };
    std::ranges::stable_sort(packages, {}, bucket_of);
    std::size_t next = 0;
    for (std::uint64_t bucket = 0; bucket < (std::uint64_t{1} << bits); ++bucket) {
        index.buckets.integer(static_cast<std::uint32_t>(next));
        while (next < packages.size() && bucket_of(packages[next]) == bucket) ++next;
    }
    index.buckets.integer(static_cast<std::uint32_t>(next));
    for (const Package& package : packages) {
        const Entry& entry = entries_[package.first];
        index.packages.integer(static_cast<std::uint32_t>(package.hash));
        index.packages.integer(entry.ecosystem);
        index.packages.integer(entry.package);
        index.packages.integer(package.first);
        index.packages.integer(package.count);
    }
    return index;
}

base::Result<std::string> FileWriter::finish(DatabaseInfo& info) {
    using namespace file_format;
    text_offsets_.clear();
    sort_entries();
    info.ecosystems.clear();
    count_ecosystems(info);
    info.advisories = advisories_;
    Index index = build_index();
    const std::string info_bytes = encode_info(info);

    const std::array<std::string_view, kSections> sections = {info_bytes,
                                                              texts_.buffer(),
                                                              index.buckets.buffer(),
                                                              index.packages.buffer(),
                                                              index.entries.buffer(),
                                                              records_.buffer()};
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
    info.file_size = file.size();
    return file;
}

}  // namespace vmsecurity::advisories
