#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "net/http/content_coding.h"
#include "net/testing/test_server.h"

namespace vmsecurity::net {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using testing::get;
using testing::simple;
using testing::TestServer;

Route streaming(
    std::function<std::optional<Response>(const Request&, BodyReader&, BodyWriter&)> handler) {
    Route route;
    route.handler.streaming = std::move(handler);
    route.lane = Lane::kBulk;
    return route;
}

// Answers how many bytes came, or the code of the error.
Route counting() {
    return streaming([](const Request&, BodyReader& reader, BodyWriter&) {
        std::vector<char> block(10'000);
        std::uint64_t sum = 0;
        while (true) {
            const auto count = reader.read(block);
            if (!count) {
                return Response{400, {}, std::string(base::to_string(count.error().code))};
            }
            if (*count == 0) return Response{200, {}, std::to_string(sum)};
            sum += *count;
        }
    });
}

std::string chunked_post(std::string_view body, std::string_view fields = {}) {
    std::string text = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" +
                       std::string(fields) + "\r\n";
    while (!body.empty()) {
        const std::string_view chunk = body.substr(0, 5000);
        body.remove_prefix(chunk.size());
        text += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
    }
    return text + "0\r\n\r\n";
}

std::string encoded(ContentCoding coding, std::string_view text) {
    std::string out;
    make_encoder(coding)->encode(text, true, out);
    return out;
}

TEST(Streaming, TakesABodyLargerThanItsMemory) {
    Route route = counting();
    route.max_body_bytes = 10 << 20;
    ServerOptions options;
    options.limits.stream_bytes = 10'000;
    TestServer server({{"/", std::move(route)}}, options);
    auto client = server.connect();
    EXPECT_EQ(client.ask(chunked_post(std::string(5'000'000, 'x')))->body, "5000000");
    EXPECT_EQ(client.ask(chunked_post(""))->body, "0");
    const std::string plain(3'000'000, 'y');
    EXPECT_EQ(
        client.ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + plain)->body,
        "3000000");
    EXPECT_EQ(client.ask("POST / HTTP/1.1\r\nHost: h\r\n\r\n")->body, "0");
}

TEST(Streaming, DecodesWithinTheLimit) {
    Route route = counting();
    route.max_body_bytes = 1 << 20;
    TestServer server({{"/", std::move(route)}});
    for (const auto coding : {ContentCoding::kGzip, ContentCoding::kZstd}) {
        const std::string field = "Content-Encoding: " + std::string(to_string(coding)) + "\r\n";
        const auto ask = [&](const std::string& body, const std::string& fields) {
            return server.connect().ask(chunked_post(body, fields))->body;
        };
        const std::string good = encoded(coding, std::string(1 << 20, 'x'));
        EXPECT_EQ(ask(good, field), "1048576");
        EXPECT_EQ(ask(encoded(coding, std::string(100 << 20, 'x')), field), "limit exceeded");
        EXPECT_EQ(ask(good.substr(0, good.size() - 1), field), "corrupt");
        EXPECT_EQ(ask("no", field), "corrupt");
        EXPECT_EQ(ask(good, "Content-Encoding: br\r\n"), "unsupported");
    }
    EXPECT_EQ(server.connect().ask(chunked_post(std::string((1 << 20) + 1, 'x')))->body,
              "limit exceeded");
}

TEST(Streaming, AsksForABodyWhenItIsRead) {
    TestServer server(
        {{"/", counting()}, {"/refuse", streaming([](const Request&, BodyReader&, BodyWriter&) {
                                 return Response{403, {}, "no"};
                             })}});
    auto client = server.connect();
    const std::string fields =
        " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
    client.send("POST /" + fields);
    EXPECT_EQ(client.receive()->status, 100);
    EXPECT_EQ(client.ask("abc")->body, "3");
    client.send("POST /refuse" + fields);
    const auto answer = client.receive();
    EXPECT_EQ(answer->status, 403);
    EXPECT_EQ(answer->headers.at("connection"), "close");
}

TEST(Streaming, SeesTheClientGo) {
    std::promise<ErrorCode> seen;
    TestServer server({{"/", streaming([&](const Request&, BodyReader& reader, BodyWriter&) {
                            char block[100];
                            auto count = reader.read(block);
                            while (count && *count > 0) count = reader.read(block);
                            seen.set_value(count ? ErrorCode::kInternal : count.error().code);
                            return Response{};
                        })}});
    auto client = server.connect();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    client.close();
    EXPECT_EQ(seen.get_future().get(), ErrorCode::kTruncated);
}

// Writes lines until `count` or an error, which it tells.
Route writing(std::uint64_t count, std::promise<std::optional<ErrorCode>>& ended) {
    return streaming([count, &ended](const Request&, BodyReader&,
                                     BodyWriter& writer) -> std::optional<Response> {
        Headers headers;
        headers.add("Content-Type", "application/x-ndjson");
        base::Result<void> result = writer.begin(200, std::move(headers));
        const std::string line(99, 'x');
        for (std::uint64_t i = 0; result && i < count; ++i) result = writer.write(line + "\n");
        if (result) result = writer.finish();
        ended.set_value(result ? std::nullopt : std::optional(result.error().code));
        return std::nullopt;
    });
}

TEST(Streaming, WritesALargeAnswerInChunks) {
    for (const std::string coding : {"", "gzip", "zstd"}) {
        std::promise<std::optional<ErrorCode>> ended;
        TestServer server({{"/", writing(50'000, ended)}});
        auto client = server.connect();
        const auto answer = client.ask(get("/", "Accept-Encoding: " + coding + "\r\n"));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->headers.at("transfer-encoding"), "chunked");
        EXPECT_FALSE(answer->headers.contains("connection"));
        const auto body = decode_content(*parse_content_coding(coding), answer->body, 100 << 20);
        EXPECT_EQ(body.value().size(), 5'000'000U);
        EXPECT_EQ(ended.get_future().get(), std::nullopt);
    }
}

TEST(Streaming, KeepsTheConnectionAfterAnAnswer) {
    std::promise<std::optional<ErrorCode>> ended;
    TestServer server({{"/", writing(1, ended)},
                       {"/x", simple([](const Request&) { return Response{200, {}, "x"}; })}});
    auto client = server.connect();
    client.send(get("/") + get("/x"));
    EXPECT_EQ(client.receive()->body.size(), 100U);
    EXPECT_EQ(client.receive()->body, "x");
}

TEST(Streaming, EndsWithTheConnectionInHttp10) {
    std::promise<std::optional<ErrorCode>> ended;
    TestServer server({{"/", writing(1000, ended)}});
    auto client = server.connect();
    const auto answer = client.ask("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(answer->body.size(), 100'000U);
    EXPECT_FALSE(answer->headers.contains("transfer-encoding"));
}

TEST(Streaming, HeadEndsAfterTheFields) {
    std::promise<std::optional<ErrorCode>> ended;
    TestServer server({{"/", writing(1'000'000'000, ended)},
                       {"/x", simple([](const Request&) { return Response{200, {}, "x"}; })}});
    auto client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.receive(true)->status, 200);
    EXPECT_EQ(ended.get_future().get(), ErrorCode::kCancelled);
    EXPECT_EQ(client.ask(get("/x"))->body, "x");
}

TEST(Streaming, AClientThatStopsReadingIsCut) {
    std::promise<std::optional<ErrorCode>> ended;
    ServerOptions options;
    options.limits.write = 50ms;
    TestServer server({{"/", writing(1'000'000'000, ended)}}, options);
    auto client = server.connect();
    client.send(get("/"));
    EXPECT_EQ(ended.get_future().get(), ErrorCode::kCancelled);
}

TEST(Streaming, AnUnfinishedAnswerIsCut) {
    TestServer server({{"/", streaming([](const Request&, BodyReader&,
                                          BodyWriter& writer) -> std::optional<Response> {
                            EXPECT_TRUE(writer.begin(200, {}).has_value());
                            EXPECT_TRUE(writer.write(std::string(100'000, 'x')).has_value());
                            throw std::runtime_error("in the middle");
                        })}});
    auto client = server.connect();
    EXPECT_FALSE(client.ask(get("/")));
}

TEST(Streaming, EchoesWhileItReads) {
    TestServer server({{"/", streaming([](const Request&, BodyReader& reader,
                                          BodyWriter& writer) -> std::optional<Response> {
                            std::vector<char> block(4096);
                            auto result = writer.begin(200, {});
                            while (result) {
                                const auto count = reader.read(block);
                                if (!count || *count == 0) break;
                                result = writer.write({block.data(), *count});
                            }
                            if (result) result = writer.finish();
                            return std::nullopt;
                        })}});
    auto client = server.connect();
    const std::string body(200'000, 'z');
    EXPECT_EQ(client.ask(chunked_post(body))->body, body);
}

TEST(Streaming, StopCutsWhatDoesNotEnd) {
    std::promise<std::optional<ErrorCode>> ended;
    ServerOptions options;
    options.limits.grace = 20ms;
    TestServer server({{"/", writing(1'000'000'000, ended)}}, options);
    auto client = server.connect();
    client.send(get("/"));
    ASSERT_TRUE(client.read_until("\r\n\r\n"));
    server.server().stop();
    EXPECT_EQ(ended.get_future().get(), ErrorCode::kCancelled);
}

Route events(std::function<Response(const Request&, std::shared_ptr<EventSink>)> handler) {
    Route route;
    route.handler.events = std::move(handler);
    return route;
}

TEST(Events, ArriveAsTheyArePushed) {
    std::promise<std::shared_ptr<EventSink>> given;
    TestServer server({{"/", events([&](const Request&, std::shared_ptr<EventSink> sink) {
                            EXPECT_TRUE(sink->push("1", "first", "a\nb"));
                            given.set_value(sink);
                            return Response{};
                        })}});
    auto client = server.connect();
    client.send(get("/"));
    const auto head = client.read_until("\r\n\r\n");
    ASSERT_TRUE(head);
    EXPECT_NE(head->find("Content-Type: text/event-stream\r\n"), std::string::npos);
    EXPECT_TRUE(client.read_until("id: 1\nevent: first\ndata: a\ndata: b\n\n"));
    const auto sink = given.get_future().get();
    EXPECT_TRUE(sink->push("", "", "two"));
    EXPECT_TRUE(client.read_until("\r\ndata: two\n\n\r\n"));
    EXPECT_TRUE(sink->comment("still here"));
    EXPECT_TRUE(client.read_until(": still here\n\n"));
    EXPECT_TRUE(sink->push("x\ndata: forged", "", "three"));
    sink->close();
    EXPECT_TRUE(client.read_until("id: x\ndata: three\n\n"));
    EXPECT_TRUE(client.read_until("\r\n0\r\n\r\n"));
    EXPECT_TRUE(client.at_end());
    EXPECT_FALSE(sink->push("", "", "late"));
}

TEST(Events, AnotherAnswerTakesTheirPlace) {
    TestServer server({{"/", events([&](const Request&, const std::shared_ptr<EventSink>&) {
                            return Response{410, {}, "resync"};
                        })}});
    EXPECT_EQ(server.connect().ask(get("/"))->body, "resync");
}

TEST(Events, KeepTheConnectionAlive) {
    std::promise<std::shared_ptr<EventSink>> given;
    ServerOptions options;
    options.limits.event_keep_alive = 20ms;
    options.limits.write = 30ms;
    options.limits.idle = 30ms;
    TestServer server({{"/", events([&](const Request&, std::shared_ptr<EventSink> sink) {
                            given.set_value(std::move(sink));
                            return Response{};
                        })}},
                      options);
    auto client = server.connect();
    client.send(get("/"));
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(client.read_until("\r\n:\n\n\r\n"));
}

TEST(Events, AClientThatGoesOrLagsIsDropped) {
    std::promise<std::shared_ptr<EventSink>> first;
    std::promise<std::shared_ptr<EventSink>> second;
    const auto hold = [](std::promise<std::shared_ptr<EventSink>>& given) {
        return events([&given](const Request&, std::shared_ptr<EventSink> sink) {
            given.set_value(std::move(sink));
            return Response{};
        });
    };
    ServerOptions options;
    options.limits.event_bytes = 10'000;
    TestServer server({{"/1", hold(first)}, {"/2", hold(second)}}, options);
    auto leaving = server.connect();
    leaving.send(get("/1"));
    ASSERT_TRUE(leaving.read_until("\r\n\r\n"));
    const auto left = first.get_future().get();
    EXPECT_TRUE(left->push("", "", "x"));
    leaving.close();
    while (left->push("", "", "x")) std::this_thread::yield();

    auto lagging = server.connect();
    lagging.send(get("/2"));
    ASSERT_TRUE(lagging.read_until("\r\n\r\n"));
    const auto lagged = second.get_future().get();
    const std::string large(5000, 'x');
    while (lagged->push("", "", large)) continue;
    EXPECT_FALSE(lagged->push("", "", ""));
    while (lagging.read_exactly(1)) continue;  // the connection ends
}

TEST(Events, EndWhenTheServerStops) {
    std::promise<std::shared_ptr<EventSink>> given;
    TestServer server({{"/", events([&](const Request&, std::shared_ptr<EventSink> sink) {
                            given.set_value(std::move(sink));
                            return Response{};
                        })}});
    auto client = server.connect();
    client.send(get("/"));
    ASSERT_TRUE(client.read_until("\r\n\r\n"));
    server.server().stop();
    EXPECT_TRUE(client.read_until("0\r\n\r\n"));
    EXPECT_FALSE(given.get_future().get()->push("", "", "x"));
}

}  // namespace
}  // namespace vmsecurity::net
