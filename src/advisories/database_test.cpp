#include "advisories/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "advisories/distribution.h"
#include "advisories/feeds/build.h"

namespace vmsecurity::advisories {
namespace {

class DatabaseTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = "/tmp/vmsecurity-database-XXXXXX";
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
        output_ = directory_ / "advisories";
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    base::Result<DatabaseInfo> build(const std::vector<std::string>& locations) const {
        BuildOptions options;
        for (const std::string& location : locations)
            options.feeds.push_back({location, "", false});
        options.output = output_;
        options.created = "2024-01-01T00:00:00Z";
        return build_database(options);
    }
    std::string content() const {
        std::ifstream in(output_);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void set_content(const std::string& bytes) const { std::ofstream(output_) << bytes; }

    static constexpr auto kRecord = "feeds/testdata/osv_record/in";
    static constexpr auto kOval = "feeds/testdata/debian_oval/in";
    std::filesystem::path directory_;
    std::filesystem::path output_;
};

TEST_F(DatabaseTest, GivesBackWhatWasRead) {
    const auto info = build({kRecord, kOval});
    ASSERT_TRUE(info.has_value()) << info.error().describe();
    const auto database = Database::open(output_);
    ASSERT_TRUE(database.has_value()) << database.error().describe();
    EXPECT_TRUE(database->verify().has_value());

    const auto found = database->find("PyPI", "some-package-x");
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->size(), 1U);
    const Advisory& advisory = found->front().advisory;
    EXPECT_EQ(advisory.id, "GHSA-aaaa-bbbb-cccc");
    EXPECT_EQ(advisory.aliases, (std::vector<std::string>{"CVE-2099-1", "PYSEC-2099-1"}));
    EXPECT_EQ(advisory.related, (std::vector<std::string>{"CVE-2099-2"}));
    EXPECT_EQ(advisory.urls, (std::vector<std::string>{"https://example.org/a"}));
    EXPECT_EQ(advisory.summary, "First line of a longer text.");
    EXPECT_EQ(advisory.published, "2024-02-01T00:00:00Z");
    EXPECT_EQ(advisory.modified, "2024-03-01T00:00:00Z");
    EXPECT_EQ(advisory.rating.severity, model::Severity::kMedium);
    EXPECT_TRUE(advisory.rating.cvss_vector.starts_with("CVSS:4.0/"));
    const AffectedPackage& affected = found->front().affected;
    ASSERT_EQ(affected.ranges.size(), 1U);
    EXPECT_EQ(affected.ranges[0].events[3], (RangeEvent{EventKind::kLastAffected, "2.4"}));
    EXPECT_EQ(affected.versions, (std::vector<std::string>{"1.0", "1.1"}));

    const auto bash = database->find("Debian:12", "bash");
    ASSERT_TRUE(bash.has_value());
    std::vector<std::string> ids;
    for (const PackageAdvisory& one : *bash) {
        ids.push_back(one.advisory.id);
        EXPECT_EQ(one.source, 1U);
    }
    EXPECT_EQ(ids,
              (std::vector<std::string>{"CVE-2099-1", "CVE-2099-5", "CVE-2099-6", "CVE-2099-7"}));
    const auto none = [](const AffectedPackage&) { return false; };
    EXPECT_TRUE(database->find("Debian:12", "bash", none)->empty());
    EXPECT_TRUE(database->find("Debian:12", "unknown")->empty());
    EXPECT_TRUE(database->find("Debian:13", "bash")->empty());
    EXPECT_TRUE(database->has_ecosystem("Debian:11"));
    EXPECT_FALSE(database->has_ecosystem("Debian:13"));
}

TEST_F(DatabaseTest, DescribesItsSources) {
    ASSERT_TRUE(build({kOval, "feeds/testdata/osv_array/in/feed.json"}).has_value());
    const auto database = Database::open(output_);
    ASSERT_TRUE(database.has_value());
    const DatabaseInfo& info = database->info();
    EXPECT_EQ(info.created, "2024-01-01T00:00:00Z");
    EXPECT_EQ(info.file_size, std::filesystem::file_size(output_));
    EXPECT_EQ(info.advisories, 8U);
    ASSERT_EQ(info.sources.size(), 2U);
    EXPECT_EQ(info.sources[0].format, "debian-oval");
    EXPECT_EQ(info.sources[0].newest, "2023-07-14T03:39:10.188-04:00");
    EXPECT_EQ(info.sources[0].skipped, 6U);
    EXPECT_EQ(info.sources[1].name, "OSV Debian:12");
    EXPECT_EQ(info.sources[1].withdrawn, 1U);
    EXPECT_EQ(info.sources[1].rejected, 3U);
    ASSERT_EQ(info.ecosystems.size(), 2U);
    EXPECT_EQ(info.ecosystems[1].name, "Debian:12");
    EXPECT_EQ(info.ecosystems[1].packages, 2U);
    EXPECT_EQ(info.ecosystems[1].advisories, 8U);
}

TEST_F(DatabaseTest, SameFeedsGiveTheSameBytes) {
    ASSERT_TRUE(build({kRecord, kOval}).has_value());
    const std::string first = content();
    ASSERT_TRUE(build({kRecord, kOval}).has_value());
    EXPECT_EQ(content(), first);
}

TEST_F(DatabaseTest, TakesItsTimeFromTheEnvironment) {
    ::setenv("SOURCE_DATE_EPOCH", "86400", 1);
    const auto info = build_database(
        {.feeds = {{kRecord, "", false}}, .output = output_, .created = {}, .progress = {}});
    ::unsetenv("SOURCE_DATE_EPOCH");
    ASSERT_TRUE(info.has_value());
    EXPECT_EQ(info->created, "1970-01-02T00:00:00Z");
    EXPECT_EQ(info->sources[0].retrieved, "1970-01-02T00:00:00Z");
}

TEST_F(DatabaseTest, FailedBuildKeepsTheOldFile) {
    ASSERT_TRUE(build({kRecord}).has_value());
    const std::string before = content();
    EXPECT_EQ(build({kRecord, directory_ / "missing"}).error().code, base::ErrorCode::kNotFound);
    EXPECT_FALSE(build({kRecord, "feeds/testdata/not_a_feed/in"}).has_value());
    EXPECT_FALSE(build({}).has_value());
    EXPECT_EQ(content(), before);
    const auto files = std::filesystem::directory_iterator(directory_);
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);  // no temporary file stays
}

// Looks everything up that the undamaged file has. Errors are fine; crashes and wrong sizes not.
void use(const std::filesystem::path& path) {
    const auto database = Database::open(path);
    if (!database) return;
    for (const char* ecosystem : {"PyPI", "npm", "Debian:11", "Debian:12"}) {
        for (const char* package : {"some-package-x", "Some_Package.X", "bash", "zlib"}) {
            const auto found = database->find(ecosystem, package);
            if (found) {
                EXPECT_LE(found->size(), 64U);
            }
        }
    }
}

TEST_F(DatabaseTest, NoticesEveryDamagedByte) {
    ASSERT_TRUE(build({kRecord, kOval}).has_value());
    const std::string good = content();
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0xFF);
        set_content(bad);
        const auto database = Database::open(output_);
        EXPECT_FALSE(database && database->verify()) << "byte " << i;
        use(output_);
    }
}

TEST_F(DatabaseTest, RefusesATruncatedFile) {
    ASSERT_TRUE(build({kRecord}).has_value());
    const std::string good = content();
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{127},
                                   std::size_t{128}, good.size() / 2, good.size() - 1}) {
        set_content(good.substr(0, size));
        EXPECT_FALSE(Database::open(output_).has_value()) << size;
    }
    set_content("not an advisory file at all, but long enough to have a whole header of one: " +
                std::string(100, '.'));
    const auto other = Database::open(output_);
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().code, base::ErrorCode::kInvalidArgument);
}

TEST(DistributionEcosystems, NamesThemAsOsvDoes) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(distribution_ecosystems("debian", "12"), (Names{"Debian:12", "Debian"}));
    EXPECT_EQ(distribution_ecosystems("debian", ""), Names{"Debian"});
    EXPECT_EQ(distribution_ecosystems("ubuntu", "22.04"),
              (Names{"Ubuntu:22.04:LTS", "Ubuntu:22.04"}));
    EXPECT_EQ(distribution_ecosystems("ubuntu", "23.10"), Names{"Ubuntu:23.10"});
    EXPECT_EQ(distribution_ecosystems("ubuntu", "23.04"), Names{"Ubuntu:23.04"});
    EXPECT_TRUE(distribution_ecosystems("arch", "").empty());
}

}  // namespace
}  // namespace vmsecurity::advisories
