#include "service/settings.h"

#include <unistd.h>

#include <cstdio>

namespace vmsecurity::service {
namespace {

constexpr std::array<Setting, 4> kKnown = {{
    {"listen", "127.0.0.1:8888", "", false},
    {"database", "", "", false},
    {"idle", "30s", "", false},
    {"tls", "false", "", true},
}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 1> kAliases = {
    {{"OLD_DATABASE", "database"}}};

class SettingsTest : public testing::Test {
  protected:
    ~SettingsTest() override { std::remove(path_.c_str()); }

    void write(std::string_view text) { std::ofstream(path_) << text; }
    base::Result<Settings> load() {
        return Settings::load(kKnown, {.mode = "apiserver",
                                       .file = with_file_ ? std::optional(path_) : std::nullopt,
                                       .environment =
                                           [this](const std::string& name) {
                                               const auto found = environment_.find(name);
                                               return found == environment_.end()
                                                          ? std::nullopt
                                                          : std::optional(found->second);
                                           },
                                       .aliases = kAliases,
                                       .flags = flags_});
    }

    std::string path_ = testing::TempDir() + "settings_test." + std::to_string(::getpid());
    bool with_file_ = false;
    std::map<std::string, std::string> environment_;
    std::map<std::string, std::string> flags_;
};

TEST_F(SettingsTest, TakesTheStrongestSource) {
    EXPECT_EQ(load()->text("listen"), "127.0.0.1:8888");
    with_file_ = true;
    write("database: file\nlisten: [a, b]\n");
    EXPECT_EQ(load()->text("database"), "file");
    EXPECT_EQ(load()->list("listen"), (std::vector<std::string>{"a", "b"}));
    environment_["OLD_DATABASE"] = "alias";
    EXPECT_EQ(load()->text("database"), "alias");
    environment_["VMSECURITY_DATABASE"] = "environment";
    EXPECT_EQ(load()->text("database"), "environment");
    environment_["VMSECURITY_APISERVER_DATABASE"] = "of the mode";
    EXPECT_EQ(load()->text("database"), "of the mode");
    flags_["database"] = "flag";
    EXPECT_EQ(load()->text("database"), "flag");
}

TEST_F(SettingsTest, SaysWhereABadValueCameFrom) {
    environment_["VMSECURITY_IDLE"] = "soon";
    const auto settings = load();
    ASSERT_TRUE(settings);
    const auto idle = settings->duration("idle");
    ASSERT_FALSE(idle);
    EXPECT_THAT(idle.error().message, testing::StartsWith("VMSECURITY_IDLE: 'soon'"));
}

TEST_F(SettingsTest, RefusesAFileItDoesNotUnderstand) {
    with_file_ = true;
    EXPECT_FALSE(load());
    for (const std::string_view text : {"- a\n", "databse: x\n", "listen: {a: b}\n", "a: [\n"}) {
        write(text);
        const auto settings = load();
        ASSERT_FALSE(settings) << text;
        EXPECT_THAT(settings.error().message, testing::HasSubstr(path_));
    }
}

TEST_F(SettingsTest, ReadsDurationsAndTruths) {
    for (const auto& [text, milliseconds] :
         std::map<std::string, std::int64_t>{{"250ms", 250},
                                             {"30s", 30'000},
                                             {"10m", 600'000},
                                             {"12h", 43'200'000},
                                             {"7d", 604'800'000}}) {
        flags_["idle"] = text;
        EXPECT_EQ(load()->duration("idle"), std::chrono::milliseconds(milliseconds)) << text;
    }
    for (const std::string_view text :
         {"", "5", "s", "-1s", "1.5s", "1w", "99999999999999999999s"}) {
        flags_["idle"] = text;
        EXPECT_FALSE(load()->duration("idle")) << text;
    }
    flags_["tls"] = "Yes";
    EXPECT_EQ(load()->truth("tls"), true);
    flags_["tls"] = "maybe";
    EXPECT_FALSE(load()->truth("tls"));
}

}  // namespace
}  // namespace vmsecurity::service
