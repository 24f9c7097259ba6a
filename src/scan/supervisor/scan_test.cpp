#include "scan/supervisor/scan.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include "sandbox/sanitized.h"
#include "scan/protocol/roles.h"
#include "scan/supervisor/hostile_worker.h"
#include "scan/workers/roles.h"

namespace vmsecurity::scan {
namespace {

using model::CoverageEntry;
using model::CoverageScope;
using model::CoverageState;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

// Reports what it is given.
class TextAnalyzer final : public Analyzer {
  public:
    std::string_view id() const override { return "test/text"; }
    std::vector<Want> wants() const override { return {{"**/*.txt", 0}, {"etc/linked", 0}}; }
    base::Result<void> analyze(const File& file, Sink& sink) const override {
        sink.emit("text", base::as_text(file.content).substr(0, 64));
        return {};
    }
};

class PrefixAnalyzer final : public Analyzer {
  public:
    std::string_view id() const override { return "test/prefix"; }
    std::vector<Want> wants() const override { return {{"**/*.txt", 4}}; }
    base::Result<void> analyze(const File& file, Sink& sink) const override {
        sink.emit("prefix", base::as_text(file.content));
        return {};
    }
};

// Does what the file says, as an analyzer with a bug would that the file's author knows.
class MisbehavingAnalyzer final : public Analyzer {
  public:
    std::string_view id() const override { return "test/misbehaving"; }
    std::vector<Want> wants() const override { return {{"**/*.bad", 0}}; }
    base::Result<void> analyze(const File& file, Sink& sink) const override {
        const std::string_view order = base::as_text(file.content);
        if (order == "crash") {
            ::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would exit instead
            ::raise(SIGSEGV);
        }
        if (order == "hang") {
            for (std::atomic<unsigned> turns = 0;; ++turns) {
            }
        }
        if (order == "grow") {
            std::vector<std::string> hoard;
            for (;;) hoard.emplace_back(1 << 20, 'x');
        }
        if (order == "throw") throw std::runtime_error("out of wits");
        if (order == "refuse") {
            return base::fail(base::ErrorCode::kUnsupported, "this kind is not read");
        }
        if (order == "open") {
            const int descriptor = ::open("/etc/passwd", O_RDONLY);
            sink.emit("open", descriptor < 0 ? "refused" : "opened");
        }
        if (order == "connect") {
            sink.emit("socket", ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? "refused" : "opened");
        }
        if (order == "flood") sink.emit("flood", std::string(Sink::kMaxRecordSize + 1, 'x'));
        return {};
    }
};

std::vector<std::unique_ptr<Analyzer>> make_analyzers() {
    std::vector<std::unique_ptr<Analyzer>> analyzers;
    analyzers.push_back(std::make_unique<TextAnalyzer>());
    analyzers.push_back(std::make_unique<PrefixAnalyzer>());
    analyzers.push_back(std::make_unique<MisbehavingAnalyzer>());
    return analyzers;
}

class ScanTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = "/tmp/vmsecurity-scan-XXXXXX";
        root_ = ::mkdtemp(pattern.data());
    }
    void TearDown() override { std::filesystem::remove_all(root_); }

    void write(const std::string& path, std::string_view content) const {
        const std::filesystem::path full = root_ / path;
        std::filesystem::create_directories(full.parent_path());
        std::ofstream(full, std::ios::binary) << content;
    }

    Outcome scan(int cancel = -1) {
        ScanTarget target;
        target.kind = protocol::TargetKind::kDirectory;
        target.name = root_;
        target.descriptor = base::open_file(root_, O_RDONLY | O_DIRECTORY).value();
        auto outcome = run_scan(target, make_analyzers(), options_, cancel, {});
        EXPECT_TRUE(outcome.has_value()) << outcome.error().describe();
        return outcome ? std::move(*outcome) : Outcome{};
    }

    static std::map<std::string, std::string> payloads(const Outcome& outcome,
                                                       std::string_view kind) {
        std::map<std::string, std::string> found;
        for (const Record& record : outcome.records) {
            if (record.kind == kind) found.emplace(record.path, record.payload);
        }
        return found;
    }
    // The files that coverage names as not scanned, with the reason.
    static std::map<std::string, std::string> lost(const Outcome& outcome) {
        std::map<std::string, std::string> found;
        for (const CoverageEntry& entry : outcome.coverage) {
            if (entry.scope == CoverageScope::kFile && entry.state != CoverageState::kScanned) {
                found.emplace(entry.name,
                              fmt::format("{}: {}", to_string(entry.state), entry.reason));
            }
        }
        return found;
    }

    std::filesystem::path root_;
    Options options_ = [] {
        Options options;
        options.worker_program = "/proc/self/exe";  // see main()
        return options;
    }();
};

TEST_F(ScanTest, GivesEachAnalyzerTheFilesItWants) {
    write("a/one.txt", "first file");
    write("b/two.txt", "2");
    write("b/other.dat", "nobody's");
    write("b/empty.txt", "");
    write("usr/real", "linked content");
    std::filesystem::create_directories(root_ / "etc");
    std::filesystem::create_symlink("/usr/real", root_ / "etc/linked");
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "text"),
              (std::map<std::string, std::string>{{"a/one.txt", "first file"},
                                                  {"b/empty.txt", ""},
                                                  {"b/two.txt", "2"},
                                                  {"etc/linked", "linked content"}}));
    EXPECT_EQ(payloads(outcome, "prefix"),
              (std::map<std::string, std::string>{
                  {"a/one.txt", "firs"}, {"b/empty.txt", ""}, {"b/two.txt", "2"}}));
    EXPECT_TRUE(model::is_complete(outcome.coverage));
    EXPECT_EQ(outcome.statistics.files_read, 4u);
}

TEST_F(ScanTest, ABadFileCostsThatFileAlone) {
    options_.limits.file_timeout = std::chrono::milliseconds(3000);
    for (const char* order : {"crash", "hang", "throw", "refuse", "flood"}) {
        write(fmt::format("d/{}.bad", order), order);
    }
    for (int i = 0; i < 300; ++i) write(fmt::format("d/{}.txt", i), "text");
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "text").size(), 300u);
    const auto reasons = lost(outcome);
    ASSERT_EQ(reasons.size(), 5u);
    EXPECT_THAT(reasons.at("/d/crash.bad"), HasSubstr("signal 11"));
    EXPECT_THAT(reasons.at("/d/hang.bad"), HasSubstr("took longer than 3 s"));
    EXPECT_THAT(reasons.at("/d/throw.bad"), HasSubstr("out of wits"));
    EXPECT_THAT(reasons.at("/d/refuse.bad"), HasSubstr("unsupported: "));
    EXPECT_THAT(reasons.at("/d/flood.bad"), HasSubstr("dropped"));
}

TEST_F(ScanTest, AWorkerThatGrowsCostsThatFileAlone) {
    if (sandbox::kSanitized) GTEST_SKIP() << "a sanitizer build does not confine its workers";
    options_.limits.worker_memory = 200 << 20;
    write("grow.bad", "grow");
    write("a.txt", "text");
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "text").size(), 1u);
    const auto reasons = lost(outcome);
    ASSERT_EQ(reasons.size(), 1u);
    EXPECT_THAT(reasons.at("/grow.bad"), HasSubstr("more memory than a worker may have"));
}

TEST_F(ScanTest, AWorkerReachesNeitherFilesNorNetwork) {
    if (sandbox::kSanitized) GTEST_SKIP() << "a sanitizer build does not confine its workers";
    write("open.bad", "open");
    write("connect.bad", "connect");
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "open"),
              (std::map<std::string, std::string>{{"open.bad", "refused"}}));
    EXPECT_THAT(payloads(outcome, "socket"), Not(Contains(Key("connect.bad"))));
    EXPECT_THAT(lost(outcome).at("/connect.bad"), HasSubstr("SIGSYS"));
    EXPECT_THAT(outcome.confinement, HasSubstr("seccomp"));
}

TEST_F(ScanTest, LimitsAreSaid) {
    options_.limits.max_file_size = 100;
    options_.limits.max_depth = 2;
    options_.excludes = {"skipped/**"};
    write("big.txt", std::string(101, 'x'));
    write("fits.txt", std::string(100, 'x'));
    write("1/2/seen.txt", "x");
    write("1/2/3/deep.txt", "x");
    write("skipped/a.txt", "x");
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "text").size(), 2u);
    // Four bytes of the big file are within the limit.
    EXPECT_EQ(payloads(outcome, "prefix").at("big.txt"), "xxxx");
    const auto reasons = lost(outcome);
    EXPECT_THAT(reasons.at("/big.txt"), HasSubstr("truncated: 101 B is more than the limit"));
    EXPECT_THAT(reasons.at("/1/2/3"), HasSubstr("deeper than 2"));
    EXPECT_THAT(reasons.at("/skipped"), HasSubstr("skipped: excluded"));
    EXPECT_FALSE(model::is_complete(outcome.coverage));
}

TEST_F(ScanTest, NamesThatAreNoUtf8AreFoundAndShownEscaped) {
    write("caf\xE9/\xFF.txt", "latin");
    write("caf\xE9/\xFF.bad", "crash");
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "text").at("caf\xE9/\xFF.txt"), "latin");
    EXPECT_THAT(lost(outcome), Contains(Key("/caf\\xe9/\\xff.bad")));
}

TEST_F(ScanTest, ContentsBeyondTheCreditPassOneAfterAnother) {
    options_.limits.in_flight_bytes = 256 * 1024;
    for (int i = 0; i < 40; ++i) {
        write(fmt::format("{}/f.txt", i), fmt::format("{:>200000}", i));
    }
    write("huge.txt", std::string(5 << 20, 'h'));
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "text").size(), 41u);
    EXPECT_TRUE(model::is_complete(outcome.coverage));
    EXPECT_GE(outcome.statistics.bytes_read, (5u << 20) + 40u * 200000u);
}

TEST_F(ScanTest, AnInterruptedScanSaysSo) {
    write("hang.bad", "hang");
    const base::FileDescriptor cancel(::eventfd(1, EFD_CLOEXEC));
    ScanTarget target;
    target.kind = protocol::TargetKind::kDirectory;
    target.name = root_;
    target.descriptor = base::open_file(root_, O_RDONLY | O_DIRECTORY).value();
    const auto outcome = run_scan(target, make_analyzers(), options_, cancel.get(), {});
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error().code, base::ErrorCode::kCancelled);
}

TEST_F(ScanTest, ManyBadFilesCostThoseFilesAlone) {
    for (int i = 0; i < 40; ++i) write(fmt::format("{}.bad", i), "crash");
    write("a.txt", "x");
    const Outcome outcome = scan();
    EXPECT_EQ(payloads(outcome, "text").size(), 1u);
    EXPECT_EQ(lost(outcome).size(), 40u);
}

TEST_F(ScanTest, WorkersThatCannotStartAreSaid) {
    options_.worker_program = "/bin/false";
    write("a.txt", "x");
    ScanTarget target;
    target.kind = protocol::TargetKind::kDirectory;
    target.name = root_;
    target.descriptor = base::open_file(root_, O_RDONLY | O_DIRECTORY).value();
    EXPECT_FALSE(run_scan(target, make_analyzers(), options_, -1, {}).has_value());
}

TEST_F(ScanTest, AnExcludedDirectoryKeepsEveryPathBelowItOut) {
    options_.excludes = {"etc", "secret"};
    write("etc/linked", "by its exact path");
    write("secret/a.txt", "x");
    std::filesystem::create_symlink("secret/a.txt", root_ / "link.txt");
    const Outcome outcome = scan();
    EXPECT_TRUE(payloads(outcome, "text").empty());
    EXPECT_TRUE(model::is_complete(outcome.coverage));
}

TEST_F(ScanTest, CoverageIsNotLostInTheLastMessages) {
    options_.limits.max_depth = 1;
    for (int i = 0; i < 300; ++i)
        std::filesystem::create_directories(root_ / "d" / fmt::format("{}", i));
    for (int run = 0; run < 20; ++run) {
        std::uint64_t cut = 0;
        for (const auto& entry : scan().coverage) {
            if (entry.state == CoverageState::kTruncated) cut += entry.count;
        }
        EXPECT_EQ(cut, 300u);
    }
}

TEST_F(ScanTest, LongLinksInTheRootDoNotStopTheWalk) {
    for (int i = 0; i < 40; ++i) {
        std::filesystem::create_symlink(std::string(4000, 'x'), root_ / fmt::format("l{}", i));
    }
    write("a.txt", "x");
    EXPECT_EQ(payloads(scan(), "text").size(), 1u);
}

TEST_F(ScanTest, TheScansTimeEndsIt) {
    options_.limits.scan_timeout = std::chrono::milliseconds(300);
    options_.content_workers = 1;
    write("hang.bad", "hang");
    const Outcome outcome = scan();
    EXPECT_THAT(lost(outcome).at("/hang.bad"), HasSubstr("--timeout"));
}

TEST_F(ScanTest, TheSameTreeGivesTheSameRecordsAndCoverage) {
    for (int i = 0; i < 500; ++i) write(fmt::format("{}/{}.txt", i % 37, i), fmt::format("{}", i));
    for (int i = 0; i < 60; ++i) write(fmt::format("bad/{}.bad", i), "refuse");
    const Outcome first = scan();
    const Outcome second = scan();
    EXPECT_EQ(first.coverage, second.coverage);
    ASSERT_EQ(first.records.size(), second.records.size());
    for (std::size_t i = 0; i < first.records.size(); ++i) {
        EXPECT_EQ(first.records[i].path, second.records[i].path);
        EXPECT_EQ(first.records[i].payload, second.records[i].payload);
    }
}

TEST_F(ScanTest, ATargetThatIsNoDiskFailsClearly) {
    write("image", "");
    ScanTarget target;
    target.name = "image";
    target.descriptor = base::open_file(root_ / "image", O_RDONLY).value();
    const auto outcome = run_scan(target, make_analyzers(), options_, -1, {});
    ASSERT_FALSE(outcome.has_value());
    EXPECT_THAT(outcome.error().describe(), HasSubstr("empty"));
}

}  // namespace
}  // namespace vmsecurity::scan

// The test program is its own worker program.
int main(int argc, char** argv) {
    using namespace vmsecurity::scan;
    const std::string name = std::filesystem::path(argv[0]).filename();
    const bool honest = name == "exe";  // started as /proc/self/exe
    if (argc == 2 && argv[1] == protocol::kFileSystemWorkerRole && !honest) {
        return vmsecurity::scan::testing::run_hostile_worker(name);
    }
    if (argc == 2 && argv[1] == protocol::kFileSystemWorkerRole) {
        return workers::run_file_system_worker();
    }
    if (argc == 2 && argv[1] == protocol::kContentWorkerRole) {
        return workers::run_content_worker(make_analyzers());
    }
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
