#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace vmsecurity::net {

struct DownloadLimits {
    std::uint64_t max_bytes = 0;  // of the body; a server that sends more is cut off
    std::chrono::seconds connect_timeout{20};
    std::chrono::seconds total_timeout{3600};
    // Slower than 1 KiB/s for this long counts as dead.
    std::chrono::seconds stall_timeout{60};
};

// A body in a temporary file that goes when this does.
class DownloadedFile {
  public:
    explicit DownloadedFile(std::string path) : path_(std::move(path)) {}
    DownloadedFile(DownloadedFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    DownloadedFile& operator=(DownloadedFile&&) = delete;
    DownloadedFile(const DownloadedFile&) = delete;
    DownloadedFile& operator=(const DownloadedFile&) = delete;
    ~DownloadedFile();
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

// GETs an http or https URL into $TMPDIR (else /tmp). At most five redirects, only to http and
// https and never from https to http; certificates and host names are verified. A status other than
// 200 is kUnavailable (5xx, 429), kNotFound (404, 410) or kPermissionDenied (401, 403).
base::Result<DownloadedFile> http_download(const std::string& url, const DownloadLimits& limits);

}  // namespace vmsecurity::net
