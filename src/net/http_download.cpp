#include "net/http_download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>

#include "base/file_descriptor.h"

namespace vmsecurity::net {
namespace {

using base::ErrorCode;

struct CleanUp {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, CleanUp>;

// Where the body goes, and why it stopped going there.
struct Body {
    int descriptor;
    std::uint64_t left;
    std::optional<base::Error> error;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& body = *static_cast<Body*>(user);
    const std::string_view bytes(data, size * count);
    if (bytes.size() > body.left) {
        body.error = base::Error{ErrorCode::kLimitExceeded, "the download is too large", {}, {}};
        return 0;
    }
    body.left -= bytes.size();
    if (auto written = base::write_all(body.descriptor, base::as_bytes(bytes)); !written) {
        body.error = std::move(written).error();
        return 0;
    }
    return bytes.size();
}

base::Result<std::pair<base::FileDescriptor, std::string>> temporary_file() {
    const char* directory = std::getenv("TMPDIR");
    std::string path =
        fmt::format("{}/vmsecurity-download-XXXXXX", directory == nullptr ? "/tmp" : directory);
    base::FileDescriptor file(::mkostemp(path.data(), O_CLOEXEC));
    if (!file.valid()) return base::fail(base::system_error(errno, "cannot create " + path));
    return std::pair{std::move(file), std::move(path)};
}

ErrorCode code_of_status(long status) {
    if (status == 404 || status == 410) return ErrorCode::kNotFound;
    if (status == 401 || status == 403) return ErrorCode::kPermissionDenied;
    return status == 429 || status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kIo;
}

void set_options(CURL* handle, const std::string& url, const DownloadLimits& limits, Body& body,
                 char* message) {
    // A redirect may lead from http to https, never back.
    const char* const protocols = url.starts_with("https:") ? "https" : "http,https";
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 5L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT,
                     static_cast<long>(limits.connect_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(limits.total_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1024L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME,
                     static_cast<long>(limits.stall_timeout.count()));
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "vmsecurity");
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
}

}  // namespace

DownloadedFile::~DownloadedFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

base::Result<DownloadedFile> http_download(const std::string& url, const DownloadLimits& limits) {
    static std::once_flag initialised;
    std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    VMSECURITY_ASSIGN(auto temporary, temporary_file());
    DownloadedFile file(std::move(temporary.second));
    Body body{temporary.first.get(), limits.max_bytes, std::nullopt};

    const Handle handle(curl_easy_init());
    if (handle == nullptr) return base::fail(ErrorCode::kInternal, "libcurl cannot be started");
    std::string message(CURL_ERROR_SIZE, '\0');
    set_options(handle.get(), url, limits, body, message.data());
    const CURLcode result = curl_easy_perform(handle.get());
    if (result == CURLE_OK) return file;

    if (body.error) {
        body.error->message = "cannot download " + url + ": " + body.error->message;
        return base::fail(std::move(*body.error));
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    if (result == CURLE_HTTP_RETURNED_ERROR) {
        return base::fail(code_of_status(status),
                          fmt::format("cannot download {}: the server answered {}", url, status));
    }
    return base::fail(result == CURLE_UNSUPPORTED_PROTOCOL ? ErrorCode::kInvalidArgument
                                                           : ErrorCode::kUnavailable,
                      "cannot download " + url, {},
                      fmt::format("{}: {}", curl_easy_strerror(result), message.c_str()));
}

}  // namespace vmsecurity::net
