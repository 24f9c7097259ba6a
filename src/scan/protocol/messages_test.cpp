#include "scan/protocol/messages.h"

#include <gtest/gtest.h>

namespace vmsecurity::scan::protocol {
namespace {

Job sample_job() {
    Job job{7, 1, {2, 300, {}}};
    filesystem::FileStatus status;
    status.type = filesystem::FileType::kRegular;
    status.size = 12;
    status.modified = -5;
    job.batch.entries.push_back({"usr/\xFFx", status, 0, {{0, 12}, {3, 4}}});
    job.batch.entries.push_back({"etc/y", status, 12, {{1, 9}}});
    return job;
}

TEST(Messages, ComeBackAsTheyWere) {
    const auto job = decode<Job>(encode(sample_job()));
    ASSERT_TRUE(job.has_value());
    EXPECT_EQ(job->id, 7u);
    ASSERT_EQ(job->batch.entries.size(), 2u);
    EXPECT_EQ(job->batch.entries[0].path, "usr/\xFFx");
    EXPECT_EQ(job->batch.entries[0].status.modified, -5);
    EXPECT_EQ(job->batch.entries[0].units[1].analyzer, 3u);
    EXPECT_EQ(unit_count(job->batch), 3u);
}

TEST(Messages, EveryCutAndEveryTailIsRefused) {
    const std::string whole = encode(sample_job());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(decode<Job>(std::string_view(whole).substr(0, length)).has_value()) << length;
    }
    EXPECT_FALSE(decode<Job>(whole + 'x').has_value());
}

TEST(Messages, AnUnknownEnumeratorIsRefused) {
    std::string bytes = encode(OpenTarget{TargetKind::kImage, "a", false, 0, 0});
    bytes[0] = 9;
    EXPECT_FALSE(decode<OpenTarget>(bytes).has_value());
}

TEST(Messages, AHugeCountCostsNothing) {
    EXPECT_FALSE(decode<CoverageReport>(std::string("\xFF\xFF\xFF\xFF\x00", 5)).has_value());
}

}  // namespace
}  // namespace vmsecurity::scan::protocol
