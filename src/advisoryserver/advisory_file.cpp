#include "advisoryserver/advisory_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "base/sha256.h"
#include "codec/json.h"
#include "model/schema/time.h"

namespace vmsecurity::advisoryserver {

namespace {

constexpr std::size_t kBlock = 1 << 20;

base::Result<std::string> checksum(const AdvisoryFile& file, const StopEvent& stop) {
    base::Sha256 sum;
    std::vector<char> block(kBlock);
    for (std::uint64_t offset = 0; offset < file.size;) {
        if (stop.is_set()) {
            return base::fail(base::ErrorCode::kCancelled, "the server is stopping");
        }
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, file.size - offset));
        VMSECURITY_TRY(base::read_exactly(file.descriptor.get(), offset,
                                          std::as_writable_bytes(std::span(block.data(), count))));
        sum.update({block.data(), count});
        offset += count;
    }
    return sum.finish_hex();
}

base::Result<void> read_info(std::string_view text, AdvisoryFile& file) {
    VMSECURITY_ASSIGN(const auto json, codec::parse_json(text));
    const auto* const info = json.if_object();
    const auto* const sources = info != nullptr ? codec::array_member(*info, "sources") : nullptr;
    const auto* const records = info != nullptr ? info->if_contains("records") : nullptr;
    const auto built = info != nullptr
                           ? model::schema::parse_time(codec::text_member(*info, "created"))
                           : std::nullopt;
    if (sources == nullptr || records == nullptr || !records->is_number() || !built) {
        return base::fail(base::ErrorCode::kCorrupt,
                          "what is said of the advisory file is not understood");
    }
    boost::system::error_code error;
    file.records = records->to_number<std::uint64_t>(error);
    if (error) return base::fail(base::ErrorCode::kCorrupt, "its number of records is none");
    file.sources = boost::json::serialize(*sources);
    file.built_on = codec::text_member(*info, "created");
    file.built = std::chrono::sys_seconds(std::chrono::seconds(built->seconds));
    return {};
}

}  // namespace

base::Result<std::shared_ptr<const AdvisoryFile>> open_advisory_file(
    const std::string& program, const std::string& path, std::chrono::milliseconds time_limit,
    const StopEvent& stop) {
    auto file = std::make_shared<AdvisoryFile>();
    VMSECURITY_ASSIGN(file->descriptor, base::open_file(path, O_RDONLY | O_NOFOLLOW));
    struct stat status{};
    if (::fstat(file->descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return base::fail(base::ErrorCode::kCorrupt, "is no regular file", path);
    }
    file->size = static_cast<std::uint64_t>(status.st_size);
    VMSECURITY_TRY(run_child(program, {"verify", path}, time_limit, stop));
    VMSECURITY_ASSIGN(const std::string info,
                      run_child(program, {"info", path, "--format", "json"}, time_limit, stop));
    VMSECURITY_TRY(read_info(info, *file));
    VMSECURITY_ASSIGN(file->sha256, checksum(*file, stop));
    return file;
}

}  // namespace vmsecurity::advisoryserver
