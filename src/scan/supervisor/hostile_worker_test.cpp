#include "scan/supervisor/hostile_worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "sandbox/worker_process.h"
#include "scan/protocol/transport.h"
#include "scan/supervisor/scan.h"

namespace vmsecurity::scan {
namespace testing {
namespace {

using protocol::MessageType;
using protocol::send;

// Opens the target as an honest worker would, with one volume.
void announce(const sandbox::Channel& channel, const std::string& name = "directory") {
    protocol::OpenedTarget target;
    target.format = "directory";
    target.volumes.emplace_back();
    target.volumes[0].name = name;
    target.volumes[0].walkable = true;
    (void)channel.receive();  // kOpenTarget
    (void)send(channel, MessageType::kTargetOpened, target);
    (void)channel.receive();  // kWalk
}

void flood(const sandbox::Channel& channel, MessageType type, const std::string& payload) {
    while (channel.send(static_cast<std::uint32_t>(type), payload)) {
    }
}

protocol::Batch one_file(std::uint32_t analyzer) {
    protocol::Batch batch;
    protocol::BatchEntry& entry = batch.entries.emplace_back();
    entry.path = "x";
    entry.units.push_back({analyzer, 0});
    return batch;
}

}  // namespace

int run_hostile_worker(std::string_view trick) {
    const auto channel = sandbox::attach_to_supervisor();
    if (!channel) return -1;
    if (trick == "asks-for-siblings-for-ever") {
        flood(*channel, MessageType::kOpenSibling, "x");
    } else if (trick == "never-answers") {
        for (;;) ::pause();
    } else if (trick == "steers-the-terminal") {
        announce(*channel, "\x1b[2Jdisk");
        (void)send(*channel, MessageType::kWalkDone, protocol::WalkDone{});
        (void)channel->receive();
    } else if (trick == "speaks-for-analyzers") {
        announce(*channel);
        protocol::CoverageReport report;
        report.entries.push_back(
            {model::CoverageScope::kAnalyzer, "sbom/dpkg", model::CoverageState::kScanned, "", 1});
        flood(*channel, MessageType::kCoverage, protocol::encode(report));
    } else if (trick == "names-no-analyzer") {
        announce(*channel);
        const base::FileDescriptor contents(::memfd_create("x", MFD_CLOEXEC));
        (void)send(*channel, MessageType::kBatch, one_file(99), {contents.get()});
        (void)send(*channel, MessageType::kWalkDone, protocol::WalkDone{});
        (void)channel->receive();
    } else if (trick == "sends-batches-for-ever") {
        announce(*channel);
        const base::FileDescriptor contents(::memfd_create("x", MFD_CLOEXEC));
        while (send(*channel, MessageType::kBatch, one_file(0), {contents.get()})) {
        }
    } else if (trick == "talks-nonsense") {
        announce(*channel);
        (void)channel->send(4711, "nonsense");
        (void)channel->receive();
    } else {
        return -1;
    }
    return 0;
}

}  // namespace testing

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The worker program is this test program under the trick's name; content workers of that name have
// no trick for their role and just end.
class HostileWorker : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = "/tmp/vmsecurity-hostile-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    base::Result<Outcome> scan(const std::string& trick) {
        std::filesystem::create_symlink(std::filesystem::read_symlink("/proc/self/exe"),
                                        folder_ / trick);
        ScanTarget target;
        target.kind = protocol::TargetKind::kDirectory;
        target.name = "target";
        target.descriptor = base::open_file(folder_, O_RDONLY | O_DIRECTORY).value();
        target.directory = base::open_file(folder_, O_RDONLY | O_DIRECTORY).value();
        Options options;
        options.worker_program = folder_ / trick;
        options.limits.stall_timeout = std::chrono::milliseconds(1500);
        options.limits.scan_timeout = std::chrono::milliseconds(5000);
        const std::vector<std::unique_ptr<Analyzer>> analyzers;
        return run_scan(target, analyzers, options, -1, {});
    }
    static std::string reasons(const base::Result<Outcome>& outcome) {
        if (!outcome) return outcome.error().describe();
        std::string text;
        for (const auto& entry : outcome->coverage) {
            text += fmt::format("{} {}: {}\n", to_string(entry.state), entry.name, entry.reason);
        }
        return text;
    }

    std::filesystem::path folder_;
};

TEST_F(HostileWorker, CannotHangTheSupervisorByNotReading) {
    EXPECT_THAT(reasons(scan("asks-for-siblings-for-ever")), HasSubstr("ended"));
}

TEST_F(HostileWorker, CannotKeepItWaiting) {
    EXPECT_THAT(reasons(scan("never-answers")), HasSubstr("took longer than 1.5 s"));
}

TEST_F(HostileWorker, CannotSteerTheTerminal) {
    const auto outcome = scan("steers-the-terminal");
    ASSERT_TRUE(outcome.has_value());
    EXPECT_THAT(reasons(outcome), Not(HasSubstr("\x1b")));
    EXPECT_EQ(outcome->volumes[0].description.name, "\\x1b[2Jdisk");
}

TEST_F(HostileWorker, IsEndedWhenItSendsWhatCannotBe) {
    for (const char* trick :
         {"speaks-for-analyzers", "names-no-analyzer", "sends-batches-for-ever"}) {
        const auto outcome = scan(trick);
        ASSERT_TRUE(outcome.has_value()) << trick;
        EXPECT_THAT(reasons(outcome), HasSubstr("sent what cannot be")) << trick;
        EXPECT_FALSE(outcome->volumes[0].walked) << trick;
    }
    EXPECT_THAT(reasons(scan("talks-nonsense")), HasSubstr("malformed"));
}

}  // namespace
}  // namespace vmsecurity::scan
