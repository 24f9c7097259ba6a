#include "model/schema/merge.h"

#include "model/schema/test_support.h"

namespace vmsecurity::model::schema {
namespace {

TEST(Merge, MakesWhatTheCasesSay) {
    for (const auto& one : testing_support::cases("merge")) {
        boost::json::object target = one.content.at("target").as_object();
        merge_patch(one.schema(), target, one.content.at("patch").as_object());
        EXPECT_EQ(target, one.content.at("out").as_object())
            << one.name << ": " << boost::json::serialize(target);
    }
}

}  // namespace
}  // namespace vmsecurity::model::schema
