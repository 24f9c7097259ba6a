#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>

#include "net/http/content_coding.h"
#include "net/testing/test_server.h"

namespace vmsecurity::net {
namespace {

using namespace std::chrono_literals;
using testing::get;
using testing::simple;
using testing::TestServer;

Route answer_with(std::string body) {
    return simple([body = std::move(body)](const Request& request) {
        Response response;
        response.headers.add("Content-Type", "application/json");
        response.body = body + request.body;
        return response;
    });
}

std::string encoded(ContentCoding coding, std::string_view text) {
    std::string out;
    make_encoder(coding)->encode(text, true, out);
    return out;
}

std::string post(std::string_view body, std::string_view fields = {}) {
    return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(fields) + "\r\n" + std::string(body);
}

TEST(Limits, ASlowHeaderIsGivenUp) {
    ServerOptions options;
    options.limits.header = 30ms;
    TestServer server({{"/", answer_with("")}}, options);
    auto client = server.connect();
    const auto answer = client.ask("GET / HTTP/1.1\r\nHost:");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
}

TEST(Limits, ASlowBodyIsGivenUp) {
    ServerOptions options;
    options.limits.read = 30ms;
    TestServer server({{"/", answer_with("")}}, options);
    auto client = server.connect();
    const auto answer = client.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 408);
}

TEST(Limits, AnIdleConnectionIsClosedWithoutAnAnswer) {
    ServerOptions options;
    options.limits.idle = 30ms;
    TestServer server({{"/", answer_with("")}}, options);
    auto client = server.connect();
    EXPECT_EQ(client.ask(get("/"))->status, 200);
    EXPECT_TRUE(client.at_end());
}

TEST(Limits, BodiesHaveALimitEncodedAndDecoded) {
    ServerOptions options;
    options.limits.body_bytes = 1000;
    TestServer server({{"/", answer_with("")}}, options);
    EXPECT_EQ(server.connect().ask(post(std::string(1000, 'x')))->status, 200);
    EXPECT_EQ(server.connect().ask(post(std::string(1001, 'x')))->status, 413);
    EXPECT_EQ(server.connect()
                  .ask("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                       std::string(1001, 'x') + "\r\n0\r\n\r\n")
                  ->status,
              413);
    for (const auto coding : {ContentCoding::kGzip, ContentCoding::kZstd}) {
        const std::string field = "Content-Encoding: " + std::string(to_string(coding)) + "\r\n";
        const std::string text(1000, 'x');
        const auto good = server.connect().ask(post(encoded(coding, text), field));
        EXPECT_EQ(good->body, text);
        EXPECT_EQ(server.connect().ask(post(encoded(coding, text + "x"), field))->status, 413);
        EXPECT_EQ(server.connect().ask(post("no", field))->status, 400);
    }
    EXPECT_EQ(server.connect().ask(post("x", "Content-Encoding: br\r\n"))->status, 415);
}

TEST(Limits, ABodyThatIsWaitedForIsAskedFor) {
    TestServer server({{"/", answer_with("got ")}});
    auto client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive()->status, 100);
    EXPECT_EQ(client.ask("ab")->body, "got ab");
    // One that would be refused is not.
    client.send(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n"
        "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.receive()->status, 413);
}

TEST(Limits, HeadHasTheLengthAndNoBody) {
    TestServer server({{"/", answer_with("12345")}});
    auto client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto answer = client.receive(true);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->headers.at("content-length"), "5");
    EXPECT_EQ(client.ask(get("/"))->body, "12345");
}

TEST(Limits, Http10ClosesUnlessAskedToStay) {
    TestServer server({{"/", answer_with("x")}});
    auto client = server.connect();
    EXPECT_EQ(
        client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->headers.at("connection"),
        "keep-alive");
    EXPECT_EQ(client.ask("GET / HTTP/1.0\r\n\r\n")->body, "x");
    EXPECT_TRUE(client.at_end());
}

TEST(Limits, LargeAnswersAreEncodedAsTheClientLikes) {
    const std::string text(5000, 'x');
    TestServer server({{"/", answer_with(text)}, {"/small", answer_with("x")}});
    auto client = server.connect();
    for (const auto coding : {ContentCoding::kGzip, ContentCoding::kZstd}) {
        const std::string name(to_string(coding));
        const auto answer = client.ask(get("/", "Accept-Encoding: " + name + "\r\n"));
        EXPECT_EQ(answer->headers.at("content-encoding"), name);
        EXPECT_EQ(answer->headers.at("vary"), "Accept-Encoding");
        EXPECT_EQ(decode_content(coding, answer->body, 10'000).value(), text);
    }
    EXPECT_EQ(client.ask(get("/"))->body, text);
    const auto small = client.ask(get("/small", "Accept-Encoding: gzip\r\n"));
    EXPECT_FALSE(small->headers.contains("content-encoding"));
}

TEST(Limits, WhatAHandlerThrowsIsHidden) {
    TestServer server(
        {{"/", simple([](const Request&) -> Response { throw std::runtime_error("secret"); })}});
    auto client = server.connect();
    const auto answer = client.ask(get("/", "X-Request-Id: my-id\r\n"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body.find("secret"), std::string::npos);
    EXPECT_NE(answer->body.find("my-id"), std::string::npos);
    EXPECT_EQ(answer->headers.at("x-request-id"), "my-id");
}

TEST(Limits, AHandlerThatIsLateIsNotWaitedFor) {
    std::promise<void> go;
    Route slow = simple([&](const Request&) {
        go.get_future().wait();
        return Response{};
    });
    slow.time_limit = 30ms;
    TestServer server({{"/", std::move(slow)}});
    auto client = server.connect();
    const auto answer = client.ask(get("/"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503);
    EXPECT_TRUE(client.at_end());
    go.set_value();
}

TEST(Lanes, AFullOneDoesNotDelayTheOthers) {
    std::promise<void> go;
    const std::shared_future<void> gone = go.get_future().share();
    std::atomic<int> running{0};
    std::promise<void> all_run;
    ServerOptions options;
    options.lanes[static_cast<std::size_t>(Lane::kBulk)] = {2, 1};
    TestServer server(
        {{"/bulk", simple(
                       [&](const Request&) {
                           if (++running == 2) all_run.set_value();
                           gone.wait();
                           return Response{200, {}, "bulk"};
                       },
                       Lane::kBulk)},
         {"/health", simple([](const Request&) { return Response{}; }, Lane::kHealth)}},
        options);
    std::vector<testing::RawClient> clients;
    for (int i = 0; i < 2; ++i) {
        clients.push_back(server.connect());
        clients.back().send(get("/bulk"));
    }
    all_run.get_future().wait();
    clients.push_back(server.connect());
    clients.back().send(get("/bulk"));  // waits
    while (server.server().metrics().find("lane_waiting{lane=\"bulk\"} 1") == std::string::npos) {
        std::this_thread::yield();
    }
    auto refused = server.connect();
    const auto answer = refused.ask(get("/bulk"));
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(answer->headers.at("retry-after"), "1");
    EXPECT_EQ(refused.ask(get("/health"))->status, 200);
    // A body is not even read.
    EXPECT_EQ(refused.ask("POST /bulk HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n")->status,
              503);
    go.set_value();
    for (auto& client : clients) EXPECT_EQ(client.receive()->body, "bulk");
}

TEST(Limits, ConnectionsAreCounted) {
    ServerOptions options;
    options.limits.connections = 1;
    TestServer server({{"/", answer_with("")}}, options);
    auto first = server.connect();
    EXPECT_EQ(first.ask(get("/"))->status, 200);
    auto second = server.connect();
    EXPECT_TRUE(second.at_end());
    EXPECT_EQ(first.ask(get("/"))->status, 200);
}

TEST(Limits, AClientThatAsksTooOftenIsToldToWait) {
    ServerOptions options;
    options.rate_limit = {0.001, 2, {}};
    TestServer server(
        {{"/", answer_with("")},
         {"/health", simple([](const Request&) { return Response{}; }, Lane::kHealth)}},
        options);
    auto client = server.connect();
    EXPECT_EQ(client.ask(get("/"))->status, 200);
    EXPECT_EQ(client.ask(get("/"))->status, 200);
    const auto answer = client.ask(get("/"));
    EXPECT_EQ(answer->status, 429);
    EXPECT_EQ(answer->headers.at("retry-after"), "1000");
    EXPECT_EQ(client.ask(get("/health"))->status, 200);
}

TEST(CrossOrigin, IsForTheListedOnly) {
    ServerOptions options;
    options.cross_origin.origins = {"https://ui.example.org"};
    TestServer server({{"/", answer_with("")}}, options);
    auto client = server.connect();
    const std::string ask =
        "Access-Control-Request-Method: PATCH\r\n"
        "Access-Control-Request-Headers: If-Match\r\n";
    const auto preflight = [&](const std::string& origin) {
        return client.ask("OPTIONS / HTTP/1.1\r\nHost: h\r\nOrigin: " + origin + "\r\n" + ask +
                          "\r\n");
    };
    const auto good = preflight("https://ui.example.org");
    EXPECT_EQ(good->status, 204);
    EXPECT_EQ(good->headers.at("access-control-allow-origin"), "https://ui.example.org");
    EXPECT_EQ(good->headers.at("access-control-allow-headers"), "If-Match");
    const auto bad = preflight("https://evil.example.org");
    EXPECT_EQ(bad->status, 200);  // the route's own answer
    EXPECT_FALSE(bad->headers.contains("access-control-allow-origin"));
    const auto read = client.ask(get("/", "Origin: https://ui.example.org\r\n"));
    EXPECT_EQ(read->headers.at("access-control-allow-origin"), "https://ui.example.org");

    TestServer off({{"/", answer_with("")}});
    EXPECT_FALSE(off.connect()
                     .ask(get("/", "Origin: https://ui.example.org\r\n"))
                     ->headers.contains("access-control-allow-origin"));
}

TEST(Records, NameTheRouteAndNeverTheQuery) {
    std::promise<std::string> logged;
    ServerOptions options;
    options.access_log = [&](const AccessRecord& record) {
        logged.set_value(std::string(to_string(record.method)) + " " + std::string(record.path) +
                         " " + std::string(record.route) + " " + std::to_string(record.status) +
                         " " + std::to_string(record.request_bytes) + " " +
                         std::to_string(record.response_bytes) + " " +
                         std::string(record.request_id) + " " + std::string(record.remote_address) +
                         " " + std::string(record.principal));
    };
    Route route = simple([](const Request& request) {
        request.principal = "ann";
        return Response{201, {}, "12345"};
    });
    route.name = "POST /";
    TestServer server({{"/", std::move(route)}}, options);
    auto client = server.connect();
    client.send(
        "POST /?token=secret HTTP/1.1\r\nHost: h\r\nX-Request-Id: r1\r\n"
        "Authorization: Bearer secret\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(client.receive()->status, 201);
    EXPECT_EQ(logged.get_future().get(), "POST / POST / 201 3 5 r1 127.0.0.1 ann");
    const std::string metrics = server.server().metrics();
    EXPECT_NE(metrics.find("vmsecurity_http_requests_total{route=\"POST /\",status=\"2xx\"} 1\n"),
              std::string::npos)
        << metrics;
    EXPECT_NE(metrics.find("_seconds_bucket{route=\"POST /\",le=\"+Inf\"} 1\n"), std::string::npos);
    EXPECT_NE(metrics.find("vmsecurity_http_connections 1\n"), std::string::npos);
}

TEST(Start, RefusesWhatItCannotListenOn) {
    const auto start = [](std::vector<std::string> addresses) {
        ServerOptions options;
        options.listen = std::move(addresses);
        Server server(std::move(options), {});
        return server.start();
    };
    for (const std::string text :
         {"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", ":80", "::1:80", "example.org:80"}) {
        const auto started = start({text});
        ASSERT_FALSE(started.has_value()) << text;
        EXPECT_EQ(started.error().code, base::ErrorCode::kInvalidArgument) << text;
    }
    TestServer server({});
    EXPECT_FALSE(start({"127.0.0.1:" + std::to_string(server.server().port())}).has_value());
    EXPECT_EQ(server.server().addresses().at(0),
              "127.0.0.1:" + std::to_string(server.server().port()));
}

}  // namespace
}  // namespace vmsecurity::net
