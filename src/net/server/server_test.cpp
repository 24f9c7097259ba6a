#include "net/server/server.h"

#include <gtest/gtest.h>

#include <future>
#include <string>

#include "net/testing/test_server.h"

namespace vmsecurity::net {
namespace {

using testing::get;
using testing::simple;
using testing::TestServer;

Route echo() {
    return simple([](const Request& request) {
        Response response;
        response.headers.add("Content-Type", "text/plain");
        response.body =
            std::string(to_string(request.method)) + " " + request.path + " " + request.body;
        for (const QueryParameter& one : request.query) {
            response.body += " " + one.name + "=" + one.value;
        }
        return response;
    });
}

TEST(Server, AnswersAndKeepsTheConnection) {
    TestServer server({{"/a b", echo()}});
    auto client = server.connect();
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.ask(get("/a%20b?x=1&y="));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
        EXPECT_EQ(answer->body, "GET /a b  x=1 y=");
        EXPECT_EQ(answer->headers.at("content-type"), "text/plain");
        EXPECT_EQ(answer->headers.at("date").size(), 29U);
        EXPECT_FALSE(answer->headers.at("x-request-id").empty());
        EXPECT_FALSE(answer->headers.contains("connection"));
    }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    TestServer server({{"/", echo()}});
    auto client = server.connect();
    client.send("POST /?n=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none" + get("/?n=2") +
                "POST /?n=3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\nthr\r\n2;x=y\r\nee\r\n0\r\nTrailer: t\r\n\r\n" +
                get("/?n=4", "Connection: close\r\n"));
    EXPECT_EQ(client.receive()->body, "POST / one n=1");
    EXPECT_EQ(client.receive()->body, "GET /  n=2");
    EXPECT_EQ(client.receive()->body, "POST / three n=3");
    const auto last = client.receive();
    EXPECT_EQ(last->body, "GET /  n=4");
    EXPECT_EQ(last->headers.at("connection"), "close");
    EXPECT_TRUE(client.at_end());
}

TEST(Server, StopsWhileARequestRunsAndAnswersIt) {
    std::promise<void> entered;
    std::promise<void> go;
    TestServer server({{"/", simple([&](const Request&) {
                            entered.set_value();
                            go.get_future().wait();
                            return Response{200, {}, "done"};
                        })}});
    auto client = server.connect();
    auto idle = server.connect();
    client.send(get("/"));
    entered.get_future().wait();
    auto stopping = std::async(std::launch::async, [&] { server.server().stop(); });
    EXPECT_TRUE(idle.at_end());
    go.set_value();
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "done");
    EXPECT_EQ(answer->headers.at("connection"), "close");
    stopping.get();
}

}  // namespace
}  // namespace vmsecurity::net
