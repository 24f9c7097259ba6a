#include "advisoryserver/options.h"

#include <gtest/gtest.h>

namespace vmsecurity::advisoryserver {
namespace {

base::Result<Options> read(std::map<std::string, std::string> flags) {
    const service::Settings::Sources sources{
        .mode = "advisory-server",
        .file = std::nullopt,
        .environment = [](const std::string&) { return std::nullopt; },
        .aliases = {},
        .flags = std::move(flags)};
    VMSECURITY_ASSIGN(const auto settings, service::Settings::load(known_settings(), sources));
    return read_options(settings);
}

TEST(AdvisoryServerOptions, NeedsFeedsAlone) {
    const auto options = read({{"feeds", "a.zip,https://example.org/b.xml"}});
    ASSERT_TRUE(options) << options.error().describe();
    EXPECT_EQ(options->feeds, (std::vector<std::string>{"a.zip", "https://example.org/b.xml"}));
    EXPECT_EQ(options->listen, std::vector<std::string>{"127.0.0.1:9995"});
    EXPECT_EQ(options->stale_after, std::chrono::hours(48));
}

TEST(AdvisoryServerOptions, RefusesWhatCannotBeUsed) {
    EXPECT_FALSE(read({}));
    EXPECT_FALSE(read({{"feeds", "a,--output=b"}}));
    EXPECT_FALSE(read({{"feeds", "a"}, {"schedule", "now and then"}}));
    EXPECT_FALSE(read({{"feeds", "a"}, {"time-zone", "Nowhere/Else"}}));
    EXPECT_FALSE(read({{"feeds", "a"}, {"tls-key", "key.pem"}}));
}

TEST(AdvisoryServerOptions, LeavesLoopbackWithTlsAlone) {
    EXPECT_FALSE(read({{"feeds", "a"}, {"listen", "0.0.0.0:9995"}}));
    EXPECT_TRUE(read({{"feeds", "a"},
                      {"listen", "0.0.0.0:9995"},
                      {"tls-certificate", "certificate.pem"},
                      {"tls-key", "key.pem"}}));
}

}  // namespace
}  // namespace vmsecurity::advisoryserver
