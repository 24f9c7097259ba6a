#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "codec/archive.h"
#include "codec/json.h"
#include "codec/xml.h"
#include "codec/yaml.h"

namespace vmsecurity::codec {
namespace {

TEST(Json, SaysWhereTextStopsBeingJson) {
    const auto bad = parse_json(R"({"a": 1, b})");
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().code, base::ErrorCode::kCorrupt);
    EXPECT_EQ(bad.error().where, "byte 9");
    EXPECT_FALSE(parse_json("").has_value());
    EXPECT_FALSE(parse_json("{} x").has_value());
    EXPECT_TRUE(parse_json(" {\"a\":[]} \n").has_value());
}

TEST(Json, BoundsDepthAndSize) {
    EXPECT_FALSE(parse_json(std::string(65, '[') + std::string(65, ']')).has_value());
    EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')).has_value());
    EXPECT_FALSE(parse_json("[1,2,3]", {.max_depth = 4, .max_bytes = 6}).has_value());
}

TEST(Json, GoesOnAfterABadLine) {
    int good = 0;
    int bad = 0;
    for_each_json_line("{\"a\":1}\n\n{oops\n[2]\r\n{\"b\":",
                       [&](std::uint64_t line, const auto& value) {
                           (value ? good : bad) += 1;
                           EXPECT_EQ(value.has_value(), line != 3 && line != 5) << line;
                           return true;
                       });
    EXPECT_EQ(good, 2);
    EXPECT_EQ(bad, 2);
}

TEST(Yaml, KeepsScalarsAsText) {
    const auto value = parse_yaml("id: X\nversions:\n- 1.10\n- '2'\n- 2020-01-01\nnone: null\n");
    ASSERT_TRUE(value.has_value()) << value.error().describe();
    EXPECT_EQ(boost::json::serialize(*value),
              R"({"id":"X","versions":["1.10","2","2020-01-01"],"none":null})");
}

TEST(Yaml, RefusesWhatMultipliesOrNestsWithoutEnd) {
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string last = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 9; ++j) bomb += (j == 0 ? "" : ",") + last;
        bomb += "]\n";
    }
    EXPECT_EQ(parse_yaml(bomb).error().code, base::ErrorCode::kLimitExceeded);
    EXPECT_FALSE(parse_yaml(std::string(100000, '[')).has_value());
    EXPECT_FALSE(parse_yaml("a: [b").has_value());
}

TEST(Xml, SaysWhereTextStopsBeingXml) {
    const auto bad = parse_xml("<a><b></a>");
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().where, "byte 8");
    const auto good = parse_xml("<!DOCTYPE a [<!ENTITY e \"boom\">]><a>&e;&lt;</a>");
    ASSERT_TRUE(good.has_value());
    EXPECT_STREQ((*good)->tree.child("a").text().get(), "&e;<");
}

class Archive : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = "/tmp/vmsecurity-archive-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        std::filesystem::create_directory(directory_ / "in");
        std::ofstream(directory_ / "in/one.json") << "{\"id\":1}";
        std::ofstream(directory_ / "in/two.json") << std::string(100000, 'x');
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::string pack(const std::string& name, const std::string& command) {
        const std::string script = "cd " + directory_.string() + "/in && " + command;
        EXPECT_EQ(std::system(script.c_str()), 0);  // NOLINT(cert-env33-c)
        return directory_ / name;
    }
    static base::Result<std::map<std::string, std::size_t>> sizes(
        const std::string& path, const ArchiveLimits& limits = {}) {
        std::map<std::string, std::size_t> found;
        VMSECURITY_TRY(
            walk_archive(path, limits, [&](std::string_view name, const std::string& content) {
                found[std::string(name)] = content.size();
                return base::Result<void>();
            }));
        return found;
    }

    std::filesystem::path directory_;
};

TEST_F(Archive, UnpacksZipTarAndSingleFiles) {
    using Sizes = std::map<std::string, std::size_t>;
    const Sizes both = {{"one.json", 8}, {"two.json", 100000}};
    const std::string zip = pack("a.zip", "python3 -m zipfile -c ../a.zip one.json two.json");
    EXPECT_EQ(sizes(zip).value(), both);
    EXPECT_EQ(sizes(pack("a.tar", "tar cf ../a.tar one.json two.json")).value(), both);
    EXPECT_EQ(sizes(pack("a.tar.zst", "tar cf - * | zstd -q > ../a.tar.zst")).value(), both);
    for (const char* tool : {"gzip", "bzip2", "xz", "zstd"}) {
        const std::string command = std::string(tool) + " -c two.json > ../a.packed";
        EXPECT_EQ(sizes(pack("a.packed", command)).value(), (Sizes{{"", 100000}})) << tool;
    }
}

TEST_F(Archive, HoldsItsLimits) {
    const std::string path = pack("a.tar.zst", "tar cf - * | zstd -q > ../a.tar.zst");
    for (const ArchiveLimits& limits :
         {ArchiveLimits{.max_entries = 1}, ArchiveLimits{.max_entry_size = 99999},
          ArchiveLimits{.max_total_size = 100007}}) {
        const auto result = sizes(path, limits);
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error().code, base::ErrorCode::kLimitExceeded);
    }
    const std::string bomb = pack("b.zst", "yes | head -c 200000000 | zstd -q > ../b.zst");
    EXPECT_EQ(sizes(bomb).error().code, base::ErrorCode::kLimitExceeded);
}

TEST_F(Archive, ReportsDamage) {
    const std::string path = pack("a.gz", "gzip -c two.json | head -c 60 > ../a.gz");
    EXPECT_EQ(sizes(path).error().code, base::ErrorCode::kCorrupt);
    EXPECT_EQ(sizes(directory_ / "missing").error().code, base::ErrorCode::kNotFound);
}

TEST(Packing, IsToldByContent) {
    EXPECT_EQ(detect_packing("BZh91AY"), Packing::kCompressed);
    EXPECT_EQ(detect_packing(std::string("PK\x03\x04", 4)), Packing::kZip);
    EXPECT_EQ(detect_packing("{\"id\""), Packing::kNone);
    EXPECT_EQ(detect_packing(""), Packing::kNone);
}

}  // namespace
}  // namespace vmsecurity::codec
