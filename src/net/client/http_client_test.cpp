#include "net/client/http_client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "net/client/event_parser.h"
#include "net/client/retry.h"
#include "net/http/content_coding.h"
#include "net/testing/test_server.h"

namespace vmsecurity::net {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using testing::simple;
using testing::TestServer;

ClientOptions options_for(TestServer& server) {
    ClientOptions options;
    options.base_url = "http://" + server.server().addresses().at(0) + "/";
    options.first_delay = 1ms;
    return options;
}

TEST(HttpClient, SendsAndReadsEachMethod) {
    TestServer server({{"/a", simple([](const Request& request) {
                            Response response;
                            response.headers.add("Content-Type", "application/json");
                            response.body = std::string(to_string(request.method)) + " " +
                                            std::string(*request.headers.find("Authorization")) +
                                            " " + request.body + std::string(2000, ' ');
                            return response;
                        })}});
    ClientOptions options = options_for(server);
    options.bearer_token = "t";
    HttpClient client(options);
    for (const Method method :
         {Method::kGet, Method::kPost, Method::kPut, Method::kPatch, Method::kDelete}) {
        for (const bool compress : {false, true}) {
            ClientRequest request;
            request.method = method;
            request.target = "/a?x=1";
            request.compress = compress;
            if (method != Method::kGet) request.body = R"({"a":1})";
            const auto response = client.send(request);
            ASSERT_TRUE(response.has_value()) << response.error().describe();
            EXPECT_EQ(response->status, 200);
            EXPECT_TRUE(response->body.starts_with(std::string(to_string(method)) + " Bearer t " +
                                                   request.body));
            EXPECT_FALSE(response->headers.find("Content-Encoding"));
        }
    }
    ClientRequest head;
    head.method = Method::kHead;
    head.target = "/a";
    EXPECT_EQ(client.send(head)->body, "");
    // All of it over one connection.
    EXPECT_NE(server.server().metrics().find("vmsecurity_http_connections 1\n"), std::string::npos);
}

TEST(HttpClient, TriesAgainWhenTheServerIsBusy) {
    std::atomic<int> calls{0};
    TestServer server({{"/", simple([&](const Request& request) {
                            return Response{++calls < 3 ? 503 : 200, {}, request.body};
                        })}});
    HttpClient client(options_for(server));
    ClientRequest request;
    request.method = Method::kPost;
    request.target = "/";
    request.body = "x";
    const auto response = client.send(request);
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "x");
    EXPECT_EQ(calls, 3);
}

TEST(HttpClient, GivesUpOnAServerThatIsNotThere) {
    ClientOptions options;
    {
        TestServer gone({});
        options = options_for(gone);
    }
    HttpClient client(options);
    const auto response = client.send({});
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
}

TEST(HttpClient, HoldsItsLimits) {
    TestServer server({{"/", simple([](const Request&) {
                            Response response;
                            response.headers.add("Content-Type", "text/plain");
                            response.body = std::string(100'000, 'x');
                            return response;
                        })}});
    ClientOptions options = options_for(server);
    options.max_body_bytes = 99'999;  // though it arrives compressed to much less
    HttpClient client(options);
    ClientRequest request;
    request.target = "/";
    EXPECT_EQ(client.send(request).error().code, ErrorCode::kLimitExceeded);
}

TEST(HttpClient, StreamsUpAndDown) {
    Route route;
    route.max_body_bytes = 100 << 20;
    route.handler.streaming = [](const Request&, BodyReader& reader,
                                 BodyWriter& writer) -> std::optional<Response> {
        std::vector<char> block(10'000);
        EXPECT_TRUE(writer.begin(200, {}).has_value());
        while (true) {
            const auto count = reader.read(block);
            if (!count || *count == 0) break;
            EXPECT_TRUE(writer.write({block.data(), *count}).has_value());
        }
        EXPECT_TRUE(writer.finish().has_value());
        return std::nullopt;
    };
    TestServer server({{"/", std::move(route)}});
    HttpClient client(options_for(server));
    for (const bool compress : {false, true}) {
        ClientRequest request;
        request.method = Method::kPost;
        request.target = "/";
        request.compress = compress;
        request.body_source = [left = 100](std::string& block) mutable -> base::Result<void> {
            if (left-- > 0) block.assign(10'000, 'x');
            return {};
        };
        std::uint64_t received = 0;
        const auto response = client.stream(request, [&](std::string_view bytes) {
            received += bytes.size();
            return true;
        });
        ASSERT_TRUE(response.has_value()) << response.error().describe();
        EXPECT_EQ(received, 1'000'000U);
    }
}

TEST(HttpClient, ReadsEventsUntilItHasEnough) {
    Route route;
    route.handler.events = [](const Request&, const std::shared_ptr<EventSink>& sink) {
        sink->push("1", "", "one");
        sink->push("2", "kind", "two\nlines");
        return Response{};
    };
    TestServer server({{"/", std::move(route)}});
    HttpClient client(options_for(server));
    ClientRequest request;
    request.target = "/";
    EventParser parser;
    std::vector<std::string> seen;
    const auto response = client.stream(request, [&](std::string_view bytes) {
        return parser.feed(bytes, [&](const ServerEvent& event) {
            seen.push_back(event.id + " " + event.event + " " + event.data);
            return seen.size() < 2;
        });
    });
    EXPECT_EQ(response.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(seen, (std::vector<std::string>{"1 message one", "2 kind two\nlines"}));
}

TEST(HttpClient, IsStopped) {
    std::promise<void> entered;
    std::promise<void> go;
    TestServer server({{"/", simple([&](const Request&) {
                            entered.set_value();
                            go.get_future().wait();
                            return Response{};
                        })}});
    HttpClient client(options_for(server));
    std::stop_source stop;
    auto answer = std::async(std::launch::async, [&] {
        ClientRequest request;
        request.target = "/";
        return client.send(request, stop.get_token());
    });
    entered.get_future().wait();
    stop.request_stop();
    EXPECT_EQ(answer.get().error().code, ErrorCode::kCancelled);
    go.set_value();
}

TEST(Retry, KnowsWhatMayBeRepeated) {
    const ClientOptions options;
    std::minstd_rand random(1);
    ClientRequest get;
    ClientRequest post;
    post.method = Method::kPost;
    const auto repeats = [&](const ClientRequest& request, Outcome outcome, unsigned next = 1) {
        return retry_delay(options, request, outcome, next, random).has_value();
    };
    EXPECT_TRUE(repeats(get, {0, true, {}}));
    EXPECT_FALSE(repeats(post, {0, true, {}}));
    EXPECT_TRUE(repeats(post, {0, false, {}}));
    EXPECT_TRUE(repeats(post, {503, true, {}}));
    EXPECT_TRUE(repeats(post, {429, true, {}}));
    EXPECT_FALSE(repeats(get, {500, true, {}}));
    EXPECT_FALSE(repeats(get, {200, true, {}}));
    EXPECT_FALSE(repeats(get, {503, true, {}}, options.attempts));
    EXPECT_FALSE(repeats(get, {503, true, 60s}));
    EXPECT_EQ(retry_delay(options, get, {503, true, 3s}, 1, random), 3000ms);
    for (unsigned next = 1; next < options.attempts; ++next) {
        const auto delay = retry_delay(options, get, {503, true, {}}, next, random);
        EXPECT_LE(*delay, options.first_delay * (1U << (next - 1)));
    }
}

TEST(RequireSuccess, CarriesTheMessage) {
    EXPECT_TRUE(require_success({200, {}, "x"}).has_value());
    const auto error = require_success({409, {}, R"({"message":"exists"})"}).error();
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(error.message, "exists");
    EXPECT_EQ(require_success({404, {}, "no such\npage"}).error().message, "no such");
    EXPECT_EQ(require_success({503, {}, ""}).error().code, ErrorCode::kUnavailable);
}

TEST(EventParser, TakesPiecesOfAnySize) {
    const std::string text =
        ": comment\r\n\r\nid: 1\r\nevent:a\rdata: x\ndata\ndata:  y\n\nretry: 1\n\ndata: z\n\n";
    for (std::size_t size = 1; size < text.size(); ++size) {
        EventParser parser;
        std::string seen;
        for (std::size_t at = 0; at < text.size(); at += size) {
            EXPECT_TRUE(
                parser.feed(std::string_view(text).substr(at, size), [&](const ServerEvent& event) {
                    seen += event.id + "|" + event.event + "|" + event.data + ";";
                    return true;
                }));
        }
        EXPECT_EQ(seen, "1|a|x\n\n y;1|message|z;") << size;
    }
}

TEST(EventParser, GoesOnBehindWhatCameToItsEnd) {
    EventParser parser;
    const auto none = [](const ServerEvent&) {
        ADD_FAILURE() << "an id alone is no event";
        return false;
    };
    EXPECT_TRUE(parser.feed("id: 7\n", none));
    EXPECT_EQ(parser.last_id(), "");
    EXPECT_TRUE(parser.feed("\n", none));
    EXPECT_EQ(parser.last_id(), "7");
    // One whose data was cut off is asked for again.
    EXPECT_TRUE(parser.feed("id: 8\ndata: x\n", none));
    EXPECT_EQ(parser.last_id(), "7");
}

TEST(EventParser, RefusesAnEventWithoutEnd) {
    EventParser parser;
    EXPECT_FALSE(parser.feed("data: " + std::string(EventParser::kMaxEventBytes + 1, 'x'),
                             [](const ServerEvent&) { return true; }));
}

}  // namespace
}  // namespace vmsecurity::net
