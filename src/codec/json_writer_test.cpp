#include "codec/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace vmsecurity::codec {
namespace {

void write_sample(JsonWriter& json) {
    json.begin_object();
    json.member("name", "a");
    json.key("list");
    json.begin_array();
    json.value(1);
    json.begin_object();
    json.end_object();
    json.begin_array();
    json.end_array();
    json.end_array();
    json.member("last", true);
    json.end_object();
}

TEST(JsonWriter, WritesCompactText) {
    JsonWriter json;
    write_sample(json);
    EXPECT_EQ(json.take(), R"({"name":"a","list":[1,{},[]],"last":true})");
}

TEST(JsonWriter, IndentsAndKeepsEmptyContainersOnOneLine) {
    JsonWriter json(2);
    write_sample(json);
    EXPECT_EQ(json.take(), R"({
  "name": "a",
  "list": [
    1,
    {},
    []
  ],
  "last": true
})");
}

TEST(JsonWriter, WritesNumbersInFull) {
    JsonWriter json;
    json.begin_array();
    json.value(std::numeric_limits<std::int64_t>::min());
    json.value(std::numeric_limits<std::uint64_t>::max());
    json.value(9.8);
    json.value(std::numeric_limits<double>::quiet_NaN());
    json.null();
    json.end_array();
    EXPECT_EQ(json.take(), "[-9223372036854775808,18446744073709551615,9.8,null,null]");
}

TEST(JsonWriter, EscapesWhatJsonForbids) {
    JsonWriter json;
    json.value(std::string_view("\"\\/\n\t\r\0\x1f\x7fü", 11));
    EXPECT_EQ(json.take(), R"("\"\\/\n\t\r\u0000\u001f\u007fü")");
}

TEST(JsonWriter, NeverEmitsInvalidUtf8) {
    JsonWriter json;
    json.value("a\xff/b");
    EXPECT_EQ(json.take(), R"("a\\xff/b")");
}

}  // namespace
}  // namespace vmsecurity::codec
