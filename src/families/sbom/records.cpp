#include "families/sbom/records.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/text.h"

namespace vmsecurity::families::sbom {
namespace {

constexpr std::uint32_t kMaxListItems = 256;

// Reads texts off a payload and remembers if one was no UTF-8, so that a decoder checks once.
class RecordReader {
  public:
    explicit RecordReader(std::string_view payload) : reader_(base::as_bytes(payload)) {}

    std::string text() {
        const std::string_view raw = reader_.text();
        if (!base::is_valid_utf8(raw)) bad_ = true;
        return std::string(raw);
    }
    std::string required_text() {
        std::string value = text();
        if (value.empty()) bad_ = true;
        return value;
    }
    std::vector<std::string> texts() {
        std::vector<std::string> values;
        const auto count = reader_.integer<std::uint32_t>();
        if (count > kMaxListItems) bad_ = true;
        for (std::uint32_t i = 0; i < count && !bad_ && !reader_.failed(); ++i) {
            values.push_back(text());
        }
        return values;
    }
    bool flag() {
        const auto value = reader_.integer<std::uint8_t>();
        if (value > 1) bad_ = true;
        return value == 1;
    }
    std::uint64_t number() { return reader_.integer<std::uint64_t>(); }
    std::uint32_t count() { return reader_.integer<std::uint32_t>(); }
    std::size_t remaining() const { return reader_.remaining(); }
    void reject() { bad_ = true; }

    template <typename T>
    base::Result<T> finish(T value, std::string_view what) const {
        if (!bad_ && reader_.complete()) return value;
        return base::fail(base::ErrorCode::kCorrupt,
                          "a worker sent a malformed " + std::string(what) + " record");
    }

  private:
    base::ByteReader reader_;
    bool bad_ = false;
};

void write_texts(base::ByteWriter& writer, const std::vector<std::string>& values) {
    writer.integer(static_cast<std::uint32_t>(values.size()));
    for (const std::string& value : values) writer.text(value);
}

void write_package(base::ByteWriter& writer, const model::Package& package) {
    writer.text(package.type);
    writer.text(package.name);
    writer.text(package.version);
    writer.text(package.architecture);
    writer.text(package.source_name);
    writer.text(package.source_version);
    writer.text(package.description);
    writer.text(package.maintainer);
    write_texts(writer, package.licenses);
    writer.text(package.location);
    writer.integer(static_cast<std::uint8_t>(package.owner ? 1 : 0));
    if (package.owner) {
        writer.text(package.owner->name);
        writer.text(package.owner->version);
    }
}

model::Package read_package(RecordReader& reader) {
    model::Package package;
    package.type = reader.required_text();
    package.name = reader.required_text();
    package.version = reader.required_text();
    package.architecture = reader.text();
    package.source_name = reader.text();
    package.source_version = reader.text();
    package.description = reader.text();
    package.maintainer = reader.text();
    package.licenses = reader.texts();
    package.location = reader.required_text();
    if (reader.flag()) {
        package.owner.emplace();
        package.owner->name = reader.required_text();
        package.owner->version = reader.required_text();
    }
    return package;
}

}  // namespace

std::string encode(const model::Package& package) {
    base::ByteWriter writer;
    write_package(writer, package);
    return writer.take();
}

base::Result<model::Package> decode_package(std::string_view payload) {
    RecordReader reader(payload);
    return reader.finish(read_package(reader), "package");
}

std::string encode(const model::OperatingSystem& os) {
    base::ByteWriter writer;
    writer.text(os.id);
    write_texts(writer, os.id_like);
    writer.text(os.version_id);
    writer.text(os.codename);
    writer.text(os.name);
    writer.text(os.pretty_name);
    writer.text(os.location);
    return writer.take();
}

base::Result<model::OperatingSystem> decode_operating_system(std::string_view payload) {
    RecordReader reader(payload);
    model::OperatingSystem os;
    os.id = reader.required_text();
    os.id_like = reader.texts();
    os.version_id = reader.text();
    os.codename = reader.text();
    os.name = reader.text();
    os.pretty_name = reader.text();
    os.location = reader.required_text();
    return reader.finish(std::move(os), "operating system");
}

std::string encode(const OwnedPaths& paths) {
    base::ByteWriter writer;
    writer.text(paths.package);
    writer.text(paths.architecture);
    writer.integer(static_cast<std::uint32_t>(paths.hashes.size()));
    for (const std::uint64_t hash : paths.hashes) writer.integer(hash);
    return writer.take();
}

base::Result<OwnedPaths> decode_owned_paths(std::string_view payload) {
    RecordReader reader(payload);
    OwnedPaths paths;
    paths.package = reader.required_text();
    paths.architecture = reader.text();
    const std::size_t count = reader.count();
    if (count > OwnedPaths::kMaxHashes || reader.remaining() != count * sizeof(std::uint64_t)) {
        reader.reject();
    } else {
        paths.hashes.reserve(count);
        for (std::size_t i = 0; i < count; ++i) paths.hashes.push_back(reader.number());
    }
    return reader.finish(std::move(paths), "owned paths");
}

std::string encode(const DatabaseSummary& summary) {
    base::ByteWriter writer;
    writer.text(summary.name);
    writer.integer(summary.packages);
    return writer.take();
}

base::Result<DatabaseSummary> decode_database_summary(std::string_view payload) {
    RecordReader reader(payload);
    DatabaseSummary summary;
    summary.name = reader.required_text();
    summary.packages = reader.number();
    return reader.finish(std::move(summary), "database");
}

std::string encode(const PackageUpdate& update) {
    base::ByteWriter writer;
    writer.text(update.name);
    writer.text(update.architecture);
    writer.integer(static_cast<std::uint8_t>(update.installed ? 1 : 0));
    if (update.installed) write_package(writer, *update.installed);
    return writer.take();
}

base::Result<PackageUpdate> decode_package_update(std::string_view payload) {
    RecordReader reader(payload);
    PackageUpdate update;
    update.name = reader.required_text();
    update.architecture = reader.text();
    if (reader.flag()) update.installed = read_package(reader);
    return reader.finish(std::move(update), "package update");
}

}  // namespace vmsecurity::families::sbom
