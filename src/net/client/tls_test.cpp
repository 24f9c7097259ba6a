#include <gtest/gtest.h>

#include <future>
#include <string>

#include "net/client/http_client.h"
#include "net/testing/certificate.h"
#include "net/testing/test_server.h"

namespace vmsecurity::net {
namespace {

using testing::Certificate;
using testing::simple;
using testing::TestServer;

ServerOptions options_with(const Certificate& certificate) {
    ServerOptions options;
    options.tls = TlsFiles{certificate.certificate_file(), certificate.key_file()};
    return options;
}

ClientOptions client_options(TestServer& server, const std::string& ca_file) {
    ClientOptions options;
    options.base_url = "https://" + server.server().addresses().at(0);
    options.ca_file = ca_file;
    options.attempts = 1;
    return options;
}

TEST(Tls, CarriesLargeBodiesBothWays) {
    const Certificate certificate;
    TestServer server({{"/", simple([](const Request& request) {
                            EXPECT_TRUE(request.is_tls);
                            return Response{200, {}, request.body};
                        })}},
                      options_with(certificate));
    HttpClient client(client_options(server, certificate.certificate_file()));
    ClientRequest request;
    request.method = Method::kPost;
    request.target = "/";
    request.body = std::string(3'000'000, 'x');
    for (int i = 0; i < 2; ++i) {
        const auto response = client.send(request);
        ASSERT_TRUE(response.has_value()) << response.error().describe();
        EXPECT_EQ(response->body, request.body);
    }
    EXPECT_NE(server.server().metrics().find("vmsecurity_http_connections 1\n"), std::string::npos);
}

TEST(Tls, IsVerifiedByTheClient) {
    const Certificate certificate;
    const Certificate other;
    TestServer server({}, options_with(certificate));
    HttpClient client(client_options(server, other.certificate_file()));
    const auto response = client.send({});
    ASSERT_FALSE(response.has_value());
    EXPECT_EQ(response.error().code, base::ErrorCode::kUnavailable);
    HttpClient good(client_options(server, certificate.certificate_file()));
    ClientRequest request;
    request.target = "/";
    EXPECT_EQ(good.send(request)->status, 404);
}

TEST(Tls, StreamsBothWaysAtOnceAndEndsOnStop) {
    const Certificate certificate;
    Route echo;
    echo.max_body_bytes = 100 << 20;
    echo.handler.streaming = [](const Request&, BodyReader& reader,
                                BodyWriter& writer) -> std::optional<Response> {
        std::vector<char> block(10'000);
        auto result = writer.begin(200, {});
        while (result) {
            const auto count = reader.read(block);
            if (!count || *count == 0) break;
            result = writer.write({block.data(), *count});
        }
        if (result) result = writer.finish();
        return std::nullopt;
    };
    Route events;
    events.handler.events = [](const Request&, const std::shared_ptr<EventSink>& sink) {
        EXPECT_TRUE(sink->push("", "", "x"));
        return Response{};
    };
    TestServer server({{"/echo", std::move(echo)}, {"/events", std::move(events)}},
                      options_with(certificate));
    HttpClient client(client_options(server, certificate.certificate_file()));
    ClientRequest request;
    request.method = Method::kPost;
    request.target = "/echo";
    request.body = std::string(2'000'000, 'y');
    std::string received;
    const auto response = client.stream(request, [&](std::string_view bytes) {
        received += bytes;
        return true;
    });
    ASSERT_TRUE(response.has_value()) << response.error().describe();
    EXPECT_EQ(received, request.body);

    std::promise<void> begun;
    auto listening = std::async(std::launch::async, [&] {
        ClientRequest listen;
        listen.target = "/events";
        bool first = true;
        return client.stream(listen, [&](std::string_view) {
            if (std::exchange(first, false)) begun.set_value();
            return true;
        });
    });
    begun.get_future().wait();
    server.server().stop();
    EXPECT_TRUE(listening.get().has_value());  // an orderly end
}

TEST(Tls, NamesTheFileThatCannotBeUsed) {
    const Certificate certificate;
    const Certificate other;
    const auto message = [](const std::string& file, const std::string& key) {
        ServerOptions options;
        options.tls = TlsFiles{file, key};
        Server server(std::move(options), {});
        const auto started = server.start();
        EXPECT_FALSE(started.has_value());
        EXPECT_EQ(started.error().code, base::ErrorCode::kInvalidArgument);
        return started.error().message;
    };
    const std::string file = certificate.certificate_file();
    EXPECT_NE(message("/nowhere", certificate.key_file()).find("/nowhere"), std::string::npos);
    EXPECT_NE(message(file, "/nowhere").find("/nowhere"), std::string::npos);
    EXPECT_NE(message(file, other.key_file()).find(other.key_file()), std::string::npos);
}

}  // namespace
}  // namespace vmsecurity::net
