#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "codec/archive.h"
#include "codec/json.h"
#include "versions/dpkg_version.h"
#include "versions/pep440_version.h"

namespace vmsecurity::versions {
namespace {

using Compare = std::function<std::weak_ordering(std::string_view, std::string_view)>;

std::string sign(std::weak_ordering order) {
    if (order < 0) return "<";
    return order > 0 ? ">" : "=";
}

// Checks "a op b" both ways round.
void expect_order(const Compare& compare, std::string_view a, std::string_view op,
                  std::string_view b) {
    EXPECT_EQ(sign(compare(a, b)), op) << a << " against " << b;
    EXPECT_EQ(sign(0 <=> compare(b, a)), op) << b << " against " << a;
}

std::string read_all(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The data set's root, or nothing: then the test is skipped.
std::string test_data() {
    const char* root = std::getenv("VMSECURITY_TEST_DATA");
    return root == nullptr ? "" : root;
}

std::string member(const std::string& archive, std::string_view ending) {
    std::string found;
    const auto walked = codec::walk_archive(
        archive, {}, [&](std::string_view name, std::string content) -> base::Result<void> {
            if (name.ends_with(ending)) found = std::move(content);
            return {};
        });
    EXPECT_TRUE(walked.has_value()) << walked.error().describe();
    EXPECT_FALSE(found.empty()) << ending << " is not in " << archive;
    return found;
}

// Lines "a op b", separated by `separator`. The tables need no exceptions: every line holds.
void check_table(const Compare& compare, std::string_view table, char separator) {
    std::size_t lines = 0;
    for (const std::string_view line : base::split(table, '\n')) {
        if (line.empty() || line.starts_with('#') || line.starts_with("//")) continue;
        const auto fields = base::split(line, separator);
        ASSERT_EQ(fields.size(), 3U) << line;
        expect_order(compare, fields[0], fields[1], fields[2]);
        ++lines;
    }
    EXPECT_GT(lines, 0U);
}

TEST(DpkgVersion, HoldsCaseC006) {
    check_table(compare_dpkg, read_all(VMSECURITY_SOURCE_DIR "/tests/cases/C006/compare.tsv"),
                '\t');
}

TEST(Pep440Version, HoldsCaseC059) {
    check_table(compare_pep440, read_all(VMSECURITY_SOURCE_DIR "/tests/cases/C059/compare.tsv"),
                '\t');
}

TEST(DpkgVersion, AgreesWithDpkgsOwnTable) {
    if (test_data().empty()) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    std::size_t lines = 0;
    const std::string table = read_all(test_data() + "/versions/dpkg-version.tsv");
    for (const std::string_view line : base::split(table, '\n')) {
        if (line.empty()) continue;
        const auto fields = base::split(line, '\t');
        ASSERT_EQ(fields.size(), 3U) << line;
        const std::string op = sign(std::stoi(std::string(fields[2])) <=> 0);
        expect_order(compare_dpkg, fields[0], op, fields[1]);
        ++lines;
    }
    EXPECT_EQ(lines, 43U);
}

TEST(DpkgVersion, AgreesWithTheTablesOfOsv) {
    if (test_data().empty()) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    const std::string archive = test_data() + "/versions/osv-scalibr-semantic.tar.zst";
    check_table(compare_dpkg, member(archive, "/debian-versions.txt"), ' ');
    check_table(compare_dpkg, member(archive, "/debian-versions-generated.txt"), ' ');
}

TEST(DpkgVersion, SortsTheListsOfUnivers) {
    if (test_data().empty()) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    const std::string text =
        member(test_data() + "/versions/univers-json.tar.zst", "/deb_version_python_pkg_test.json");
    const auto cases = codec::parse_json(text);
    ASSERT_TRUE(cases.has_value());
    std::size_t compared = 0;
    for (const auto& one : cases->as_array()) {
        const auto& input = one.at("input").as_object();
        const auto* versions = codec::array_member(input, "versions");
        ASSERT_NE(versions, nullptr);
        const std::string_view a = versions->at(0).as_string();
        const std::string_view b = versions->at(1).as_string();
        if (one.at("test_type") == "equality") {
            EXPECT_EQ(compare_dpkg(a, b) == 0, one.at("expected_output").as_bool())
                << a << ' ' << b;
        } else {
            const auto& sorted = one.at("expected_output").as_array();
            EXPECT_TRUE(compare_dpkg(std::string_view(sorted.at(0).as_string()),
                                     std::string_view(sorted.at(1).as_string())) <= 0)
                << a << ' ' << b;
        }
        ++compared;
    }
    EXPECT_GT(compared, 10U);
}

TEST(Pep440Version, AgreesWithTheTablesOfOsv) {
    if (test_data().empty()) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    const std::string archive = test_data() + "/versions/osv-scalibr-semantic.tar.zst";
    check_table(compare_pep440, member(archive, "/pypi-versions.txt"), ' ');
    check_table(compare_pep440, member(archive, "/pypi-versions-generated.txt"), ' ');
}

// Whether a range of VERS (purl-spec, VERS-SPEC "version range containment") holds a version. Order
// matters only for inequalities, and the table lists those in order.
bool in_vers_range(std::string_view range, std::string_view version) {
    // '<' or '>', and whether the version is on its side.
    std::vector<std::pair<char, bool>> bounds;
    for (std::string_view part : base::split(range, '|')) {
        const std::string_view op = part.substr(0, part.find_first_not_of("<>=!"));
        const auto order = compare_pep440(version, part.substr(op.size()));
        if (op.empty()) {
            if (order == 0) return true;
        } else if (op == "!=") {
            if (order == 0) return false;
        } else {
            const bool holds =
                (order == 0 && op.ends_with('=')) || (op[0] == '<' ? order < 0 : order > 0);
            bounds.emplace_back(op[0], holds);
        }
    }
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto& [op, holds] = bounds[i];
        if (!holds) continue;
        if (op == '<' && i == 0) return true;
        if (op == '>' && (i + 1 == bounds.size() || bounds[i + 1].second)) return true;
    }
    return false;
}

// The other pypi files of that set rewrite one notation of ranges into another; we read neither.
TEST(Pep440Version, HoldsTheRangesOfUnivers) {
    if (test_data().empty()) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
    const std::string text =
        member(test_data() + "/versions/univers-json.tar.zst", "/pypi_range_containment.json");
    const auto cases = codec::parse_json(text);
    ASSERT_TRUE(cases.has_value());
    constexpr std::string_view kPrefix = "vers:pypi/";
    std::size_t compared = 0;
    for (const auto& one : cases->as_array()) {
        const auto& input = one.at("input").as_object();
        std::string_view range = input.at("vers").as_string();
        ASSERT_TRUE(range.starts_with(kPrefix)) << range;
        range.remove_prefix(kPrefix.size());
        const std::string_view version = input.at("version").as_string();
        EXPECT_EQ(in_vers_range(range, version), one.at("expected_output").as_bool())
            << range << ' ' << version;
        ++compared;
    }
    EXPECT_EQ(compared, 10U);
}

TEST(DpkgVersion, IsTotalOverWhatIsNoVersion) {
    expect_order(compare_dpkg, "", "=", "0");
    expect_order(compare_dpkg, "", ">", "~");
    expect_order(compare_dpkg, "a:1", "<", "1:1");  // no epoch: "a:1" is all upstream version
    expect_order(compare_dpkg, ":1", ">", "1");
    expect_order(compare_dpkg, "00000000000000000000000000000001:1", "=", "1:1");
    expect_order(compare_dpkg, "99999999999999999999999", ">", "99999999999999999999998");
    expect_order(compare_dpkg, "1\xFF", ">", "1z");
}

TEST(Pep440Version, ParsesEverySpellingAndNothingElse) {
    for (const auto& [spelling, normal] :
         std::initializer_list<std::pair<const char*, const char*>>{
             {" v1.0-RC1\n", "1.0rc1"},
             {"1.0.post", "1.0.post0"},
             {"1.0-r4", "1.0.post4"},
             {"1.0_alpha.2", "1.0a2"},
             {"1.0preview", "1.0rc0"},
             {"1.0a-1", "1.0a1"},
             {"1.0-DEV", "1.0.dev0"},
             {"0!01.00", "1"},
             {"1.0+Ubuntu-1_2", "1.0+ubuntu.1.2"},
             {"1.0+007", "1.0+7"},
             {"123456789012345678901234567890", "123456789012345678901234567890.0"}}) {
        expect_order(compare_pep440, spelling, "=", normal);
        EXPECT_TRUE(Pep440Version::parse(spelling).has_value()) << spelling;
    }
    for (const char* bad : {"", "v", "1.0.", "1..0", "1.0+", "1.0+a..b", "1!", "!1", "1.0-", "1.0x",
                            "1.0a1b2", "french toast", "1.0.dev1.post1", "1.0 1"}) {
        EXPECT_FALSE(Pep440Version::parse(bad).has_value()) << bad;
    }
}

TEST(Pep440Version, SortsLegacyVersionsBeforeAllOthers) {
    expect_order(compare_pep440, "2004d-1x", "<", "0.dev0");
    expect_order(compare_pep440, "1.0.beta-x", "<", "1.0.x");
    expect_order(compare_pep440, "foo-1", "<", "foo-2");
    expect_order(compare_pep440, "2.2beta29x", "=", "2.2BETA29X");
}

TEST(Pep440Version, DropsTheLocalPart) {
    const auto version = Pep440Version::parse("2.0.1+cu118");
    ASSERT_TRUE(version.has_value());
    EXPECT_TRUE(version->has_local());
    EXPECT_EQ(version->without_local(), *Pep440Version::parse("2.0.1"));
    EXPECT_FALSE(version->without_local().has_local());
}

TEST(PypiName, IsNormalised) {
    EXPECT_EQ(normalize_pypi_name("Zope.Interface"), "zope-interface");
    EXPECT_EQ(normalize_pypi_name("a-_.-b__C"), "a-b-c");
}

}  // namespace
}  // namespace vmsecurity::versions
