#include "advisories/info_codec.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace vmsecurity::advisories {

std::string encode_info(const DatabaseInfo& info) {
    base::ByteWriter out;
    out.text(info.created);
    out.text(info.tool);
    out.integer(info.advisories);
    out.integer(static_cast<std::uint32_t>(info.sources.size()));
    for (const SourceInfo& source : info.sources) {
        for (const std::string* text :
             {&source.name, &source.format, &source.location, &source.retrieved, &source.newest}) {
            out.text(*text);
        }
        for (const std::uint64_t count :
             {source.records, source.withdrawn, source.skipped, source.rejected}) {
            out.integer(count);
        }
        out.integer(static_cast<std::uint8_t>(source.demo));
    }
    out.integer(static_cast<std::uint32_t>(info.ecosystems.size()));
    for (const EcosystemInfo& ecosystem : info.ecosystems) {
        out.text(ecosystem.name);
        out.integer(ecosystem.packages);
        out.integer(ecosystem.advisories);
    }
    return out.take();
}

base::Result<DatabaseInfo> decode_info(std::string_view bytes) {
    base::ByteReader in(base::as_bytes(bytes));
    DatabaseInfo info;
    info.created = in.text();
    info.tool = in.text();
    info.advisories = in.integer<std::uint64_t>();
    // Counts are not trusted with an allocation: each turn needs bytes, and the first failed read
    // ends the loop.
    for (auto left = in.integer<std::uint32_t>(); left > 0 && !in.failed(); --left) {
        SourceInfo& source = info.sources.emplace_back();
        for (std::string* text :
             {&source.name, &source.format, &source.location, &source.retrieved, &source.newest}) {
            *text = in.text();
        }
        for (std::uint64_t* count :
             {&source.records, &source.withdrawn, &source.skipped, &source.rejected}) {
            *count = in.integer<std::uint64_t>();
        }
        source.demo = in.integer<std::uint8_t>() != 0;
    }
    for (auto left = in.integer<std::uint32_t>(); left > 0 && !in.failed(); --left) {
        EcosystemInfo& ecosystem = info.ecosystems.emplace_back();
        ecosystem.name = in.text();
        ecosystem.packages = in.integer<std::uint64_t>();
        ecosystem.advisories = in.integer<std::uint64_t>();
    }
    if (!in.complete()) {
        return base::fail(base::ErrorCode::kCorrupt, "the advisory file's description is damaged");
    }
    return info;
}

}  // namespace vmsecurity::advisories
