#include "model/schema/validate.h"

#include "model/schema/test_support.h"

namespace vmsecurity::model::schema {
namespace {

std::map<std::string, std::string> by_pointer(const std::vector<Fault>& faults) {
    std::map<std::string, std::string> map;
    for (const Fault& fault : faults) map.emplace(fault.pointer, fault.reason);
    return map;
}

TEST(Validate, FindsTheFaultsOfTheCases) {
    for (const auto& one : testing_support::cases("validate")) {
        const bool patch = one.content.contains("mode");
        std::map<std::string, std::string> expected;
        for (const auto& fault : one.content.at("faults").as_object()) {
            expected.emplace(fault.key(), fault.value().as_string().c_str());
        }
        const boost::json::value& body = one.content.at("body");
        EXPECT_EQ(by_pointer(validate(one.schema(), body, patch ? Mode::kPatch : Mode::kWhole)),
                  expected)
            << one.name << ": " << boost::json::serialize(body);
    }
}

TEST(Validate, NamesMembersAsPointers) {
    static constexpr Field kFields[] = {{.name = "a/b~c", .type = {.kind = Kind::kBoolean}}};
    static constexpr Schema kOdd = {.name = "Odd", .fields = kFields};
    const auto faults = validate(kOdd, boost::json::object{{"a/b~c", 1}}, Mode::kWhole);
    ASSERT_EQ(faults.size(), 1);
    EXPECT_EQ(faults[0].pointer, "/a~1b~0c");
}

TEST(Validate, StopsAtTheBound) {
    boost::json::array ids(100, 5);
    EXPECT_EQ(
        validate(api::kScanSchema, boost::json::object{{"assetIDs", ids}}, Mode::kWhole, 3).size(),
        3);
}

TEST(Validate, CountsCodePoints) {
    const Type type = {.kind = Kind::kString, .max_length = 2};
    EXPECT_TRUE(validate(type, boost::json::value("éé")).empty());
    ASSERT_EQ(validate(type, boost::json::value("ééé")).size(), 1);
    EXPECT_EQ(validate(type, boost::json::value("ééé"))[0].reason,
              "must have at most 2 characters, and has 3");
}

TEST(Validate, CutsWhatItRepeats) {
    const Type type = {.kind = Kind::kTime};
    const std::string sent = std::string(59, 'x') + "éé";
    const std::string reason = validate(type, boost::json::value(sent))[0].reason;
    EXPECT_THAT(reason, testing::HasSubstr("\"" + std::string(59, 'x') + "…\""));
}

}  // namespace
}  // namespace vmsecurity::model::schema
