#include "apiserver/access/key_source.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "base/log.h"
#include "net/http_download.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::uint64_t kMaxBytes = 1U << 20U;
constexpr std::chrono::minutes kOld{60};
constexpr std::chrono::seconds kNotMoreOftenThan{10};

base::Result<std::string> read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("the key set {} cannot be read", path));
    }
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

base::Result<void> KeySource::start() {
    const std::lock_guard lock(mutex_);
    return read();
}

std::shared_ptr<const codec::KeySet> KeySource::current() {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() - read_at_ > kOld) {
        if (auto done = read(); !done) base::log::warning("{}", done.error().describe());
    }
    return keys_;
}

bool KeySource::refresh() {
    const std::lock_guard lock(mutex_);
    if (std::chrono::steady_clock::now() - read_at_ < kNotMoreOftenThan) return false;
    if (auto done = read(); !done) {
        base::log::warning("{}", done.error().describe());
        return false;
    }
    return true;
}

base::Result<void> KeySource::read() {
    read_at_ = std::chrono::steady_clock::now();  // a failure is not tried again at once either
    std::string text;
    if (place_.starts_with("https://") || place_.starts_with("http://")) {
        net::DownloadLimits limits;
        limits.max_bytes = kMaxBytes;
        limits.total_timeout = std::chrono::seconds(10);
        VMSECURITY_ASSIGN(const net::DownloadedFile file, net::http_download(place_, limits));
        VMSECURITY_ASSIGN(text, read_text(file.path()));
    } else {
        VMSECURITY_ASSIGN(text, read_text(place_));
    }
    VMSECURITY_ASSIGN(codec::KeySet keys, codec::KeySet::parse(text));
    keys_ = std::make_shared<const codec::KeySet>(std::move(keys));
    return {};
}

}  // namespace vmsecurity::apiserver
