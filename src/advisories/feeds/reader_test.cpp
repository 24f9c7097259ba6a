#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "advisories/feeds/feed.h"
#include "codec/json.h"

namespace vmsecurity::advisories {
namespace {

using boost::json::array;
using boost::json::object;

array to_json(const std::vector<std::string>& texts) {
    array out(texts.begin(), texts.end());
    return out;
}

void add_rating(const Rating& rating, object& out) {
    if (rating.severity != model::Severity::kUnknown) {
        out["severity"] = std::string(model::to_string(rating.severity));
    }
    if (!rating.cvss_vector.empty()) out["cvss"] = rating.cvss_vector;
}

object to_json(const AffectedPackage& affected) {
    static constexpr std::array kNames = {"introduced", "fixed", "last_affected", "limit"};
    array ranges;
    for (const VersionRange& range : affected.ranges) {
        std::string text;
        for (const RangeEvent& event : range.events) {
            if (!text.empty()) text += ", ";
            text +=
                std::string(kNames.at(static_cast<std::size_t>(event.kind))) + " " + event.version;
        }
        ranges.emplace_back(text);
    }
    object out;
    out["package"] = affected.ecosystem + " " + affected.name;
    if (!ranges.empty()) out["ranges"] = std::move(ranges);
    if (!affected.versions.empty()) out["versions"] = to_json(affected.versions);
    if (!affected.urgency.empty()) out["urgency"] = affected.urgency;
    add_rating(affected.rating, out);
    return out;
}

object to_json(const Advisory& advisory) {
    object out;
    out["id"] = advisory.id;
    if (!advisory.aliases.empty()) out["aliases"] = to_json(advisory.aliases);
    if (!advisory.related.empty()) out["related"] = to_json(advisory.related);
    out["summary"] = advisory.summary;
    if (!advisory.published.empty()) out["published"] = advisory.published;
    add_rating(advisory.rating, out);
    if (!advisory.urls.empty()) out["urls"] = to_json(advisory.urls);
    array affected;
    for (const AffectedPackage& one : advisory.affected) affected.emplace_back(to_json(one));
    out["affected"] = std::move(affected);
    return out;
}

object read_to_json(const std::string& path) {
    array advisories;
    FeedReport report([&](const Advisory& advisory) -> base::Result<void> {
        advisories.emplace_back(to_json(advisory));
        return {};
    });
    const auto result = read_feed(path, report);
    object out;
    out["advisories"] = std::move(advisories);
    out["error"] = result ? "" : result.error().message;
    const FeedCounts& counts = report.counts();
    out["records"] = counts.records;
    out["withdrawn"] = counts.withdrawn;
    out["skipped"] = counts.skipped;
    out["rejected"] = counts.rejected;
    out["newest"] = counts.newest;
    return out;
}

// Each folder of testdata: the feed is the folder "in", or the file in it if there is only one.
// VMSECURITY_UPDATE_TESTDATA=1 writes expected.json anew, for a look at the difference.
TEST(ReadFeed, GivesWhatEachCaseExpects) {
    std::size_t cases = 0;
    for (const auto& folder : std::filesystem::directory_iterator("testdata")) {
        SCOPED_TRACE(folder.path().string());
        const std::filesystem::path in = folder.path() / "in";
        std::vector<std::filesystem::path> files;
        for (const auto& file : std::filesystem::directory_iterator(in)) files.push_back(file);
        const object actual = read_to_json(files.size() == 1 ? files.front() : in);
        const std::filesystem::path expected = folder.path() / "expected.json";
        if (std::getenv("VMSECURITY_UPDATE_TESTDATA") != nullptr) {
            std::ofstream(expected) << boost::json::serialize(actual);
        }
        std::ifstream stream(expected);
        const std::string text{std::istreambuf_iterator<char>(stream), {}};
        const auto wanted = codec::parse_json(text);
        ASSERT_TRUE(wanted.has_value()) << wanted.error().describe();
        EXPECT_EQ(boost::json::serialize(actual), boost::json::serialize(*wanted));
        ++cases;
    }
    EXPECT_GE(cases, 6U);
}

// Every definition or record of a real feed is accounted for.
TEST(ReadFeed, TakesRealFeedsWhole) {
    const char* root = std::getenv("VMSECURITY_TEST_DATA");
    if (root == nullptr) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    FeedReport debian([](const Advisory&) -> base::Result<void> { return {}; });
    const auto oval = std::string(root) + "/distro/debian-oval/oval-definitions-wheezy.xml.bz2";
    ASSERT_TRUE(read_feed(oval, debian).has_value());
    EXPECT_EQ(debian.counts().records, 3803U);
    EXPECT_EQ(debian.counts().skipped, 4U);  // the feed leaves their package name empty
    EXPECT_EQ(debian.counts().rejected, 0U);

    FeedReport pypa([](const Advisory&) -> base::Result<void> { return {}; });
    ASSERT_TRUE(read_feed(std::string(root) + "/advisories/pypa.tar.zst", pypa).has_value());
    EXPECT_EQ(pypa.counts().records, 2651U);
    EXPECT_EQ(pypa.counts().withdrawn, 10U);
    EXPECT_EQ(pypa.counts().rejected, 0U);
}

TEST(OneLine, JoinsWhiteSpaceAndCutsBetweenCharacters) {
    EXPECT_EQ(one_line("  a\n\tb  c\r\n"), "a b c");
    const std::string start(296, 'x');
    std::string text = start;
    text.append("äöü").append(20, 'y');
    std::string cut = start;
    cut.append("…");
    EXPECT_EQ(one_line(text), cut);
    EXPECT_EQ(one_line(std::string(300, 'x')), std::string(300, 'x'));
}

}  // namespace
}  // namespace vmsecurity::advisories
