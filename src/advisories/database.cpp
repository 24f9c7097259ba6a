#include "advisories/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "advisories/file_format.h"
#include "advisories/info_codec.h"
#include "advisories/mapped_file.h"
#include "advisories/record_decoder.h"

namespace vmsecurity::advisories {
namespace {

using namespace file_format;
using base::ByteSpan;
using base::ErrorCode;
using base::load_le;
using Sections = std::array<ByteSpan, kSections>;

// Of what one lookup may decode. The Linux kernel of a Debian release needs 2 MiB.
constexpr std::size_t kLookupBudget = 64ULL << 20;

tl::unexpected<base::Error> damaged(const std::string& path, std::string what) {
    return base::fail(ErrorCode::kCorrupt,
                      path + " is damaged; build it again with `vmsecurity advisories build`",
                      std::move(what));
}

base::Result<Sections> read_header(const std::string& path, ByteSpan file) {
    if (file.size() < kHeaderSize || !base::as_text(file).starts_with(kMagic)) {
        return base::fail(ErrorCode::kInvalidArgument,
                          path +
                              " is not an advisory file; `vmsecurity advisories build` makes "
                              "one from advisory feeds");
    }
    const auto version = load_le<std::uint32_t>(file, kVersionOffset);
    if (version != kVersion) {
        return base::fail(ErrorCode::kUnsupported,
                          fmt::format("{} has format {}, this program reads format {}; build it "
                                      "again",
                                      path, version, kVersion));
    }
    const auto size = load_le<std::uint64_t>(file, kFileSizeOffset);
    if (size != file.size()) {
        return damaged(path, fmt::format("it should have {} bytes and has {}", size, file.size()));
    }
    if (load_le<std::uint32_t>(file, kSectionCountOffset) != kSections) {
        return damaged(path, "number of sections");
    }
    Sections sections;
    for (std::size_t i = 0; i < kSections; ++i) {
        const std::size_t entry = kSectionTableOffset + i * 16;
        const auto offset = load_le<std::uint64_t>(file, entry);
        const auto length = load_le<std::uint64_t>(file, entry + 8);
        if (offset > file.size() || length > file.size() - offset) {
            return damaged(path, fmt::format("section {} lies outside the file", i));
        }
        sections.at(i) = file.subspan(offset, length);
    }
    return sections;
}

struct Package {
    std::uint32_t tag;
    std::uint32_t ecosystem;
    std::uint32_t name;
    std::uint32_t first;
    std::uint32_t count;
};

Package package_at(ByteSpan packages, std::size_t index) {
    const ByteSpan bytes = packages.subspan(index * kPackageSize, kPackageSize);
    const auto field = [&](std::size_t i) { return load_le<std::uint32_t>(bytes, i * 4); };
    return {field(0), field(1), field(2), field(3), field(4)};
}

}  // namespace

struct Database::State {
    std::string path;
    MappedFile file;
    Sections sections;
    DatabaseInfo info;

    RecordDecoder decoder() const { return {sections[kTexts], sections[kRecords], kLookupBudget}; }
    base::Result<ByteSpan> entries_of(std::string_view ecosystem, std::string_view package) const;
};

// The entries of a package; none if the file does not know it.
base::Result<ByteSpan> Database::State::entries_of(std::string_view ecosystem,
                                                   std::string_view package) const {
    const ByteSpan buckets = sections[kBuckets];
    const ByteSpan packages = sections[kPackages];
    const std::size_t bucket_count = buckets.size() / 4 == 0 ? 0 : buckets.size() / 4 - 1;
    if (!std::has_single_bit(bucket_count) || bucket_count > (1U << kMaxBucketBits)) {
        return damaged(path, "number of buckets");
    }
    const std::uint64_t hash = key_hash(ecosystem, package);
    const int bits = std::countr_zero(bucket_count);
    const std::size_t bucket = bits == 0 ? 0 : hash >> (64 - bits);
    const auto begin = load_le<std::uint32_t>(buckets, bucket * 4);
    const auto end = load_le<std::uint32_t>(buckets, bucket * 4 + 4);
    if (end > packages.size() / kPackageSize) return damaged(path, "bucket");
    RecordDecoder texts = decoder();
    for (std::size_t i = begin; i < end; ++i) {
        const Package found = package_at(packages, i);
        if (found.tag != static_cast<std::uint32_t>(hash) || texts.text(found.name) != package ||
            texts.text(found.ecosystem) != ecosystem) {
            continue;
        }
        const std::size_t entries = sections[kEntries].size() / kEntrySize;
        if (found.first > entries || found.count > entries - found.first) {
            return damaged(path, "entries of a package");
        }
        return sections[kEntries].subspan(found.first * kEntrySize, found.count * kEntrySize);
    }
    if (texts.failed()) return damaged(path, "name of a package");
    return ByteSpan{};
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

base::Result<Database> Database::open(const std::string& path) {
    VMSECURITY_ASSIGN(MappedFile file, MappedFile::open(path));
    VMSECURITY_ASSIGN(const Sections sections, read_header(path, file.bytes()));
    auto info = decode_info(base::as_text(sections[kInfo]));
    if (!info) return damaged(path, "description");
    info->file_size = file.bytes().size();
    return Database(
        std::make_unique<State>(State{path, std::move(file), sections, std::move(*info)}));
}

const DatabaseInfo& Database::info() const {
    return state_->info;
}

bool Database::has_ecosystem(std::string_view ecosystem) const {
    return std::ranges::find(state_->info.ecosystems, ecosystem, &EcosystemInfo::name) !=
           state_->info.ecosystems.end();
}

base::Result<std::vector<PackageAdvisory>> Database::find(std::string_view ecosystem,
                                                          std::string_view package,
                                                          const Wanted& wanted) const {
    VMSECURITY_ASSIGN(const ByteSpan entries, state_->entries_of(ecosystem, package));
    std::vector<PackageAdvisory> found;
    RecordDecoder decoder = state_->decoder();
    if (!wanted) found.reserve(entries.size() / kEntrySize);
    for (std::size_t at = 0; at < entries.size() && !decoder.failed(); at += kEntrySize) {
        AffectedPackage affected = decoder.affected(load_le<std::uint32_t>(entries, at));
        affected.ecosystem = ecosystem;
        affected.name = package;
        if (decoder.failed() || (wanted && !wanted(affected))) continue;
        PackageAdvisory& one = found.emplace_back();
        one.affected = std::move(affected);
        one.advisory = decoder.advisory(load_le<std::uint32_t>(entries, at + 4), one.source);
        if (one.source >= state_->info.sources.size()) return damaged(state_->path, "source");
    }
    if (decoder.failed()) {
        return damaged(state_->path, fmt::format("records of {} {}", ecosystem, package));
    }
    return found;
}

base::Result<void> Database::verify() const {
    const ByteSpan file = state_->file.bytes();
    const auto expected = load_le<std::uint64_t>(file, kChecksumOffset);
    const std::uint64_t actual = checksum(base::as_text(file));
    if (actual != expected) {
        return damaged(state_->path,
                       fmt::format("checksum {:016x}, should be {:016x}", actual, expected));
    }
    return {};
}

}  // namespace vmsecurity::advisories
