#include "providers/local/local_provider.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "base/file_descriptor.h"
#include "base/identifiers.h"
#include "providers/local/catalog.h"
#include "providers/local/scanner_process.h"
#include "providers/testing/provider_contract.h"

namespace vmsecurity::providers::local {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}

class TemporaryFolder {
  public:
    TemporaryFolder() : path_(fs::temp_directory_path() / ("local-" + base::random_uuid())) {
        fs::create_directories(path_);
    }
    ~TemporaryFolder() { fs::remove_all(path_); }
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

// Images of one file, and a scanner that waits to be ended.
class LocalEnvironment : public contract::Environment {
  public:
    LocalEnvironment() {
        fs::create_directories(images());
        write(scanner(), "#!/bin/sh\nexec sleep 600\n");
        fs::permissions(scanner(), fs::perms::owner_all);
    }
    ~LocalEnvironment() override {
        for (const auto& entry : fs::directory_iterator(state())) {
            static_cast<void>(ScannerProcess(entry.path()).signal(SIGKILL));
        }
    }
    std::unique_ptr<Provider> connect() override {
        auto made = make_local_provider({.directory = images(),
                                         .state = state(),
                                         .snapshot = SnapshotMode::kAuto,
                                         .scanner = scanner().string()});
        EXPECT_TRUE(made) << (made ? "" : made.error().describe());
        return std::move(*made);
    }
    void add_asset(const std::string& name) override {
        write(images() / (name + ".img"), std::string(1 << 20, 'x'));
    }
    void remove_asset(const std::string& name) override { fs::remove(images() / (name + ".img")); }
    void add_foreign() override {
        fs::create_directories(foreign());
        write(foreign() / "file", "mine");
    }
    bool foreign_is_untouched() override {
        const auto text = base::read_file((foreign() / "file").string(), 100);
        return text && *text == "mine";
    }
    void end_scanner(const std::string& id) override {
        const ScannerProcess process(state() / id);
        auto ended = process.signal(SIGTERM);
        while (!ended && ended.error().code == base::ErrorCode::kUnavailable) {  // just starting
            std::this_thread::yield();
            ended = process.signal(SIGTERM);
        }
        ASSERT_TRUE(ended) << ended.error().describe();
    }
    void set_reachable(bool reachable) override {
        const fs::path away = folder_.path() / "away";
        fs::rename(reachable ? away : images(), reachable ? images() : away);
    }

  private:
    fs::path images() const { return folder_.path() / "images"; }
    fs::path state() const { return folder_.path() / "state"; }
    fs::path scanner() const { return folder_.path() / "scanner"; }
    fs::path foreign() const { return state() / "99999999-1111-4111-8111-111111111111"; }

    TemporaryFolder folder_;
};

const bool kRegistered = contract::register_provider_contract(
    {"local", [] { return std::make_unique<LocalEnvironment>(); }});

TEST(LocalCatalog, DescriptionsGiveTagsRegionAndDisks) {
    const TemporaryFolder folder;
    write(folder.path() / "web.img", "disk");
    write(folder.path() / "web-data.raw", "more");
    write(
        folder.path() / "web.yaml",
        "region: eu-1\nplatform: Debian\ntags: {role: front, tier: '1'}\ndisks: [web-data.raw]\n");
    write(folder.path() / "old.qcow2", "old");
    write(folder.path() / "old.yaml", "ignore: true\n");
    write(folder.path() / ".hidden.img", "x");
    write(folder.path() / "notes.txt", "x");
    const auto catalog = read_catalog(folder.path());
    ASSERT_TRUE(catalog) << catalog.error().describe();
    EXPECT_TRUE(catalog->faults.empty());
    ASSERT_EQ(catalog->machines.size(), 1U);
    const auto info = catalog->machines.front().info();
    ASSERT_TRUE(info);
    EXPECT_EQ(codec::text_member(*info, "instanceID"), "web");
    EXPECT_EQ(codec::text_member(*info, "location"), "eu-1");
    EXPECT_EQ(codec::text_member(*info, "platform"), "Debian");
    EXPECT_EQ(boost::json::serialize(info->at("tags")),
              R"([{"key":"role","value":"front"},{"key":"tier","value":"1"}])");
    EXPECT_EQ(catalog->machines.front().further_disks.size(), 1U);
}

TEST(LocalCatalog, AWrongDescriptionIsToldAndSparesTheRest) {
    const TemporaryFolder folder;
    write(folder.path() / "good.img", "disk");
    for (const std::string_view text : {"regoin: eu", "tags: [a]", "disks: ../x.img",
                                        "disks: [../x.img]", "ignore: 1", "- a", "{"}) {
        write(folder.path() / "bad.img", "disk");
        write(folder.path() / "bad.yaml", text);
        const auto catalog = read_catalog(folder.path());
        ASSERT_TRUE(catalog);
        ASSERT_EQ(catalog->machines.size(), 1U) << text;
        ASSERT_EQ(catalog->faults.size(), 1U) << text;
        EXPECT_EQ(catalog->faults.front().name, "bad");
        EXPECT_NE(catalog->faults.front().reason.find("bad.yaml"), std::string::npos);
    }
}

TEST(LocalCatalog, ABackingFileIsNoMachineOfItsOwn) {
    const TemporaryFolder folder;
    write(folder.path() / "base.qcow2", "base");
    std::string header("QFI\xfb\0\0\0\3\0\0\0\0\0\0\0\x68\0\0\0\x0a", 20);
    header.resize(0x68);
    write(folder.path() / "web.qcow2", header + "base.qcow2");
    const auto catalog = read_catalog(folder.path());
    ASSERT_TRUE(catalog);
    ASSERT_EQ(catalog->machines.size(), 1U);
    EXPECT_EQ(catalog->machines.front().name, "web");
}

TEST(LocalSnapshot, CopiesDataAndHolesAndRefusesWhatIsThere) {
    const TemporaryFolder folder;
    const fs::path source = folder.path() / "source";
    write(source, "begin");
    fs::resize_file(source, 8 << 20);
    {
        std::fstream file(source, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4 << 20);
        file << "middle";
    }
    const fs::path target = folder.path() / "target";
    for (const auto mode : {SnapshotMode::kAuto, SnapshotMode::kCopy}) {
        const auto copied = snapshot_file(source, target, mode, {});
        ASSERT_TRUE(copied) << copied.error().describe();
        EXPECT_EQ(*base::read_file(source.string(), 16 << 20),
                  *base::read_file(target.string(), 16 << 20));
        struct stat status{};
        ASSERT_EQ(::stat(target.c_str(), &status), 0);
        EXPECT_LT(status.st_blocks * 512, 1 << 20) << "holes stay holes";
        EXPECT_FALSE(snapshot_file(source, target, mode, {})) << "nothing is overwritten";
        fs::remove(target);
    }
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(snapshot_file(source, target, SnapshotMode::kCopy, stop.get_token()));
    EXPECT_FALSE(fs::exists(target)) << "no part is left";
    EXPECT_EQ(snapshot_file(folder.path() / "none", target, SnapshotMode::kAuto, {}).error().code,
              base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace vmsecurity::providers::local
