#include "advisoryserver/child.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

namespace vmsecurity::advisoryserver {
namespace {

constexpr std::chrono::seconds kLong{60};

base::Result<std::string> shell(const std::string& script, const StopEvent& stop,
                                std::chrono::milliseconds time = kLong) {
    return run_child("/bin/sh", {"-c", script}, time, stop);
}

TEST(RunChild, ReturnsAllOfTheOutput) {
    const StopEvent stop;
    const auto output = shell("seq 1 100000; echo noise >&2", stop);
    ASSERT_TRUE(output) << output.error().describe();
    EXPECT_TRUE(output->starts_with("1\n2\n"));
    EXPECT_TRUE(output->ends_with("\n100000\n"));
}

TEST(RunChild, SaysTheLastWordsOfAFailure) {
    const StopEvent stop;
    const auto failed = shell("echo first >&2; echo last >&2; exit 3", stop);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, base::ErrorCode::kUnavailable);
    EXPECT_EQ(failed.error().message, "last");
    EXPECT_EQ(shell("exit 3", stop).error().message, "ended with status 3");
    EXPECT_EQ(shell("kill -9 $$", stop).error().message, "was ended by signal 9");
    EXPECT_FALSE(run_child("/nonexistent", {}, kLong, stop));
}

TEST(RunChild, HasLimits) {
    const StopEvent stop;
    EXPECT_EQ(shell("exec sleep 1000", stop, std::chrono::milliseconds(50)).error().code,
              base::ErrorCode::kLimitExceeded);
    EXPECT_EQ(shell("exec yes", stop).error().code, base::ErrorCode::kLimitExceeded);
}

TEST(RunChild, EndsWhenStopped) {
    StopEvent stop;
    std::thread stopper([&] { stop.set(); });
    EXPECT_EQ(shell("exec sleep 1000", stop).error().code, base::ErrorCode::kCancelled);
    stopper.join();
}

TEST(RunChild, KeepsTheEnvironmentToItself) {
    ::setenv("VMSECURITY_TEST_SECRET", "hidden", 1);  // NOLINT(concurrency-mt-unsafe)
    const StopEvent stop;
    const auto output = shell("env", stop);
    ASSERT_TRUE(output);
    EXPECT_EQ(output->find("hidden"), std::string::npos);
    EXPECT_NE(output->find("PATH="), std::string::npos);
}

}  // namespace
}  // namespace vmsecurity::advisoryserver
