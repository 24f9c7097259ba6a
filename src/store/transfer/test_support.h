#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/compression.h"
#include "store/testing/store_fixture.h"
#include "store/transfer/lines.h"
#include "store/transfer/transfer.h"

namespace vmsecurity::store::transfer {

// A database of its own, without even a schema.
struct Place {
    std::unique_ptr<testing::TestDatabase> made;
    std::shared_ptr<sql::Database> database;

    static Place make(sql::Dialect dialect) {
        Place place;
        std::string why;
        place.made = testing::TestDatabase::make(dialect, why);
        EXPECT_TRUE(place.made) << why;
        if (place.made) place.database = place.made->open();
        return place;
    }
};

inline void no_progress(std::string_view /*table*/, std::uint64_t /*rows*/) {}

inline std::string exported(sql::Database& database) {
    std::string file;
    const auto done = export_store(
        database,
        [&](std::string_view bytes) -> base::Result<void> {
            file += bytes;
            return {};
        },
        no_progress);
    EXPECT_TRUE(done) << done.error().describe();
    return file;
}

inline base::Result<std::uint64_t> import(sql::Database& database, std::string_view file,
                                          const Progress& progress = no_progress) {
    return import_store(
        database,
        [&](char* buffer, std::size_t size) -> base::Result<std::size_t> {
            const std::size_t count = file.copy(buffer, size);
            file.remove_prefix(count);
            return count;
        },
        progress);
}

inline std::string plain(std::string_view file) {
    return codec::decompress_zstd(file, std::size_t{64} << 20).value_or("damaged");
}

inline constexpr std::string_view kHeader =
    R"({"format":"vmsecurity-store","version":1,"schema":6,"changes":0})";

// A file with these lines and a right sum; `rows`: what the last line says of them.
inline std::string file_of(const std::vector<std::string>& lines, std::string_view rows) {
    std::string file;
    LineWriter writer([&](std::string_view bytes) -> base::Result<void> {
        file += bytes;
        return {};
    });
    for (const std::string& line : lines) EXPECT_TRUE(writer.write(line));
    const std::string hash = writer.hash();
    EXPECT_TRUE(writer.finish(R"({"rows":)" + std::string(rows) + R"(,"sha256":")" + hash + "\"}"));
    return file;
}

}  // namespace vmsecurity::store::transfer
