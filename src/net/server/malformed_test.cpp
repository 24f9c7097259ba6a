#include <gtest/gtest.h>

#include <string>

#include "net/testing/test_server.h"

namespace vmsecurity::net {
namespace {

using testing::get;
using testing::simple;
using testing::TestServer;

std::map<std::string, Route> one_route() {
    return {{"/", simple([](const Request& request) { return Response{200, {}, request.body}; })}};
}

struct Malformed {
    std::string name;
    std::string bytes;
    int status;
};

class EachMalformed : public ::testing::TestWithParam<Malformed> {};

// What follows the request must never be taken for another one.
TEST_P(EachMalformed, IsRefusedAndEndsTheConnection) {
    TestServer server(one_route());
    auto client = server.connect();
    client.send(GetParam().bytes + get("/"));
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, GetParam().status);
    EXPECT_EQ(answer->headers.at("connection"), "close");
    EXPECT_EQ(answer->headers.at("content-type"), "application/json");
    EXPECT_TRUE(answer->body.starts_with(R"({"message":")")) << answer->body;
    client.stop_sending();
    EXPECT_TRUE(client.at_end());
}

const std::string kPost = "POST / HTTP/1.1\r\nHost: h\r\n";

INSTANTIATE_TEST_SUITE_P(
    Smuggling, EachMalformed,
    ::testing::Values(
        Malformed{"LengthAndCoding",
                  kPost + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Malformed{"CodingAndLength",
                  kPost + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
        Malformed{"TwoLengths", kPost + "Content-Length: 0\r\nContent-Length: 5\r\n\r\nGET /", 400},
        Malformed{"ListOfLengths", kPost + "Content-Length: 0, 5\r\n\r\nGET /", 400},
        Malformed{"NegativeLength", kPost + "Content-Length: -1\r\n\r\n", 400},
        Malformed{"HexLength", kPost + "Content-Length: 0x5\r\n\r\n", 400},
        Malformed{"HugeLength", kPost + "Content-Length: 99999999999999999999\r\n\r\n", 400},
        Malformed{"TwoCodings",
                  kPost + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Malformed{"OtherCoding", kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Malformed{"SpacedCoding", kPost + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
        Malformed{"AlmostChunked", kPost + "Transfer-Encoding: xchunked\r\n\r\n", 501},
        Malformed{"OldCoding", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  400},
        Malformed{"FoldedField", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
        Malformed{"FoldedFirst", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
        Malformed{"ChunkWithoutSize", kPost + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
        Malformed{"ChunkWithoutEnd", kPost + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
                  400}),
    [](const auto& one) { return one.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Grammar, EachMalformed,
    ::testing::Values(Malformed{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
                      Malformed{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
                      Malformed{"NoTarget", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                      Malformed{"NoVersion", "GET /\r\nHost: h\r\n\r\n", 400},
                      Malformed{"OtherVersion", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
                      Malformed{"NoColon", "GET / HTTP/1.1\r\nHost h\r\n\r\n", 400},
                      Malformed{"ControlInValue", "GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", 400},
                      Malformed{"Tls", std::string("\x16\x03\x01\x02\x00\x01", 6), 400},
                      Malformed{"Binary", std::string(100, '\0'), 400}),
    [](const auto& one) { return one.param.name; });

TEST(Malformed, TargetIsRefusedAndTheConnectionGoesOn) {
    TestServer server(one_route());
    auto client = server.connect();
    const auto answer = client.ask(get("/%zz"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400);
    EXPECT_NE(answer->body.find("offset 1"), std::string::npos) << answer->body;
    EXPECT_EQ(client.ask(get("/"))->status, 200);
}

TEST(Malformed, HeadersHaveALimit) {
    ServerOptions options;
    options.limits.header_bytes = 1000;
    TestServer server(one_route(), options);
    EXPECT_EQ(server.connect().ask(get("/", "X: " + std::string(1000, 'x') + "\r\n"))->status, 431);
    EXPECT_EQ(server.connect().ask(get("/?" + std::string(1000, 'x')))->status, 414);
    // Without an end in sight too.
    EXPECT_EQ(server.connect().ask("GET /" + std::string(2000, 'x'))->status, 414);
    std::string fields;
    for (int i = 0; i < 40; ++i) fields += "X: 1\r\n";
    EXPECT_EQ(server.connect().ask(get("/", fields))->status, 200);
}

TEST(Malformed, ChunkExtensionsHaveALimit) {
    TestServer server(one_route());
    auto client = server.connect();
    client.send(kPost + "Transfer-Encoding: chunked\r\n\r\n5;" + std::string(200'000, 'x'));
    EXPECT_EQ(client.receive()->status, 400);
}

TEST(Malformed, HandlersCannotSplitTheAnswer) {
    TestServer server({{"/", simple([](const Request&) {
                            Response response;
                            response.headers.add("X-A", "1\r\nX-B: 2");
                            response.headers.add("Content-Length", "99");
                            return response;
                        })}});
    const auto answer = server.connect().ask(get("/"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->headers.at("x-a"), "1  X-B: 2");
    EXPECT_FALSE(answer->headers.contains("x-b"));
    EXPECT_EQ(answer->headers.at("content-length"), "0");
}

}  // namespace
}  // namespace vmsecurity::net
