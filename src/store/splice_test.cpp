#include "store/splice.h"

namespace vmsecurity::store {
namespace {

using model::schema::Field;
using model::schema::Schema;

constexpr std::array<Field, 4> kFields = {{{.name = "asset", .type = {}},
                                           {.name = "id", .type = {}},
                                           {.name = "sboms", .type = {}},
                                           {.name = "status", .type = {}}}};
constexpr Schema kSchema = {.name = "AssetScan", .fields = kFields};

std::string spliced(std::string_view document, std::vector<JsonMember> members) {
    return splice_members(kSchema, document, members);
}

TEST(Splice, PutsMembersAtTheirCanonicalPlace) {
    EXPECT_EQ(spliced(R"({"asset":{"id":"a"},"status":{}})", {{"sboms", "[1,2]"}}),
              R"({"asset":{"id":"a"},"sboms":[1,2],"status":{}})");
    EXPECT_EQ(spliced(R"({"id":"x"})", {{"sboms", "{}"}, {"asset", "null"}}),
              R"({"asset":null,"id":"x","sboms":{}})");
    EXPECT_EQ(spliced("{}", {{"status", "1"}}), R"({"status":1})");
    EXPECT_EQ(spliced(R"({"id":"x"})", {}), R"({"id":"x"})");
}

TEST(Splice, ReplacesAMemberThatIsThere) {
    EXPECT_EQ(spliced(R"({"id":"x","sboms":{"packages":["]}",1]}})", {{"sboms", "{}"}}),
              R"({"id":"x","sboms":{}})");
}

TEST(Splice, IsNotMisledByBracketsAndQuotesInStrings) {
    EXPECT_EQ(spliced(R"({"asset":{"name":"a\"}],{\\"},"id":"}\\","status":"\",\"sboms\":1"})",
                      {{"sboms", "0"}}),
              R"({"asset":{"name":"a\"}],{\\"},"id":"}\\","sboms":0,"status":"\",\"sboms\":1"})");
}

}  // namespace
}  // namespace vmsecurity::store
