// The test cases of OASIS for the grammar of OData (github.com/oasis-tcs/odata-abnf): what of them
// is in the subset of docs/odata.md is read, what is wrong is refused at the place that they say.
// testdata/oasis.json has the reason for each other one.
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "codec/archive.h"
#include "codec/json.h"
#include "odata/parse.h"
#include "odata/problem.h"

namespace vmsecurity::odata {
namespace {

struct OasisCase {
    std::string rule;
    std::string input;
    std::optional<std::size_t> fail_at;
};

std::string unquoted(std::string text) {
    const char quote = text.empty() ? '\0' : text.front();
    if (text.size() < 2 || (quote != '\'' && quote != '"') || text.back() != quote) return text;
    text = text.substr(1, text.size() - 2);
    for (std::size_t at = 0; quote == '\'' && (at = text.find("''", at)) != std::string::npos;) {
        text.erase(at++, 1);
    }
    return text;
}

// The file is YAML with tabs in it, which no reader of YAML takes; the cases are flat.
std::vector<OasisCase> read_cases(const std::string& text) {
    std::vector<OasisCase> cases;
    std::string* last = nullptr;
    for (const std::string_view line : base::split(text, '\n')) {
        const auto value_of = [&](std::string_view key) {
            return line.starts_with(key) ? std::optional(std::string(line.substr(key.size())))
                                         : std::nullopt;
        };
        if (line.starts_with("  - Name:")) {
            cases.emplace_back();
            last = nullptr;
        } else if (cases.empty()) {
            continue;
        } else if (const auto rule = value_of("    Rule: ")) {
            cases.back().rule = *rule;
            last = nullptr;
        } else if (const auto place = value_of("    FailAt: ")) {
            cases.back().fail_at = std::strtoull(place->c_str(), nullptr, 10);
            last = nullptr;
        } else if (const auto input = value_of("    Input:")) {
            cases.back().input = base::trim(*input);
            last = &cases.back().input;
        } else if (last != nullptr && line.starts_with("      ")) {  // goes on
            if (!last->empty()) *last += ' ';
            *last += base::trim(line);
        } else {
            last = nullptr;
        }
    }
    for (OasisCase& one : cases) one.input = unquoted(one.input);
    return cases;
}

std::string percent_decoded(std::string_view text) {
    std::string made;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ec == std::errc()) {
            made += static_cast<char>(code);
            i += 2;
        } else {
            made += text[i];
        }
    }
    return made;
}

// What parse() says; positions count from the start of the whole input.
std::optional<std::size_t> refused_at(const OasisCase& one) {
    const bool expression = one.rule.ends_with("ommonExpr");
    const std::size_t start = expression ? 0 : one.input.find('=') + 1;
    const std::string text = percent_decoded(one.input.substr(start));
    QueryText query;
    (one.rule == "orderby" || one.rule == "orderBy"
         ? query.orderby
         : (one.rule == "select" ? query.select
                                 : (one.rule == "expand" ? query.expand : query.filter))) = text;
    const auto parsed = parse(query);
    if (parsed) return std::nullopt;
    const auto problem = problem_of(parsed.error());
    EXPECT_TRUE(problem) << parsed.error().describe();
    return start + (problem ? problem->position : 0);
}

class Oasis : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* folder = std::getenv("VMSECURITY_TEST_DATA");
        if (folder == nullptr) GTEST_SKIP() << "VMSECURITY_TEST_DATA is not set";
        const std::string archive = std::string(folder) + "/odata/odata-abnf-tests.tar.zst";
        if (!std::filesystem::exists(archive)) GTEST_SKIP() << "there is no " << archive;
        const auto read = codec::walk_archive(
            archive, {}, [&](std::string_view name, const std::string& content) {
                if (name.ends_with("/odata-abnf-testcases.yaml")) cases_ = read_cases(content);
                return base::Result<void>();
            });
        ASSERT_TRUE(read) << read.error().describe();
        std::erase_if(cases_, [](const OasisCase& one) {
            return one.rule != "filter" && one.rule != "orderby" && one.rule != "orderBy" &&
                   one.rule != "commonExpr" && one.rule != "boolCommonExpr" &&
                   one.rule != "select" && one.rule != "expand";
        });
        ASSERT_GT(cases_.size(), 240U);
        std::ifstream file("testdata/oasis.json");
        std::stringstream text;
        text << file.rdbuf();
        const auto exceptions = codec::parse_json(text.str());
        ASSERT_TRUE(exceptions) << exceptions.error().describe();
        exceptions_ = exceptions->as_object();
    }

    // The reason why a case of this list is an exception, by its input.
    std::map<std::string, std::string> exceptions(std::string_view list) const {
        std::map<std::string, std::string> made;
        for (const boost::json::value& group : exceptions_.at(list).as_array()) {
            const boost::json::object& one = group.as_object();
            for (const boost::json::value& input : one.at("inputs").as_array()) {
                made[std::string(input.as_string())] = codec::text_member(one, "reason");
            }
        }
        return made;
    }

    std::vector<OasisCase> cases_;
    boost::json::object exceptions_;
};

TEST_F(Oasis, WhatIsRightIsRead) {
    auto unsupported = exceptions("unsupported");
    std::size_t read = 0;
    for (const OasisCase& one : cases_) {
        if (one.fail_at) continue;
        const auto place = refused_at(one);
        if (const auto reason = unsupported.find(one.input); reason != unsupported.end()) {
            EXPECT_TRUE(place) << one.input << " is read, though: " << reason->second;
        } else {
            EXPECT_FALSE(place) << one.rule << ": " << one.input << " is refused at "
                                << place.value_or(0);
            ++read;
        }
    }
    EXPECT_GT(read, 100U);
}

TEST_F(Oasis, WhatIsWrongIsRefusedAtItsPlace) {
    const auto accepted = exceptions("more lenient");
    const auto elsewhere = exceptions("refused elsewhere");
    for (const OasisCase& one : cases_) {
        if (!one.fail_at) continue;
        const auto place = refused_at(one);
        EXPECT_EQ(place.has_value(), !accepted.contains(one.input)) << one.input;
        if (!place || elsewhere.contains(one.input)) continue;
        EXPECT_EQ(*place, *one.fail_at) << one.rule << ": " << one.input;
    }
}

TEST_F(Oasis, EachExceptionIsACase) {
    for (const char* list : {"unsupported", "more lenient", "refused elsewhere"}) {
        for (const auto& [input, reason] : exceptions(list)) {
            EXPECT_NE(std::ranges::find(cases_, input, &OasisCase::input), cases_.end()) << input;
            EXPECT_FALSE(reason.empty()) << input;
        }
    }
}

}  // namespace
}  // namespace vmsecurity::odata
