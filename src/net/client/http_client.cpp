#include "net/client/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include "base/text.h"
#include "net/client/retry.h"
#include "net/http/content_coding.h"

namespace vmsecurity::net {
namespace {

using base::Error;
using base::ErrorCode;

struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, FreeList>;

// One attempt, for libcurl's callbacks.
struct Attempt {
    const ClientRequest& request;
    const OnBytes* on_bytes;  // null: the body is kept
    std::uint64_t max_body;
    std::stop_token stop;
    CURL* handle;
    Response response;
    std::string block;  // of body_source
    std::size_t block_used = 0;
    std::optional<Error> error;  // of ours, that ended it
};

std::size_t take_header(char* data, std::size_t, std::size_t size, void* user) {
    auto& attempt = *static_cast<Attempt*>(user);
    const std::string_view line = base::trim({data, size});
    if (line.starts_with("HTTP/")) {
        attempt.response.headers = {};  // those before were of a 100 (Continue)
        return size;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        attempt.response.headers.add(line.substr(0, colon),
                                     std::string(base::trim(line.substr(colon + 1))));
    }
    return size;
}

std::size_t take_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& attempt = *static_cast<Attempt*>(user);
    long status = 0;
    curl_easy_getinfo(attempt.handle, CURLINFO_RESPONSE_CODE, &status);
    const std::string_view bytes(data, size);
    if (attempt.on_bytes != nullptr && status / 100 == 2) {
        if ((*attempt.on_bytes)(bytes)) return size;
        attempt.error = Error{ErrorCode::kCancelled, "the answer was not read to its end", {}, {}};
        return 0;
    }
    if (attempt.response.body.size() + size > attempt.max_body) {
        attempt.error = Error{ErrorCode::kLimitExceeded, "the answer is too large", {}, {}};
        return 0;
    }
    attempt.response.body += bytes;
    return size;
}

std::size_t give_body(char* into, std::size_t, std::size_t room, void* user) {
    auto& attempt = *static_cast<Attempt*>(user);
    if (attempt.block_used == attempt.block.size()) {
        attempt.block.clear();
        attempt.block_used = 0;
        if (auto more = attempt.request.body_source(attempt.block); !more) {
            attempt.error = std::move(more).error();
            return CURL_READFUNC_ABORT;
        }
    }
    const std::size_t count = std::min(room, attempt.block.size() - attempt.block_used);
    attempt.block.copy(into, count, attempt.block_used);
    attempt.block_used += count;
    return count;
}

int look_for_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& attempt = *static_cast<Attempt*>(user);
    if (!attempt.stop.stop_requested()) return 0;
    attempt.error = Error{ErrorCode::kCancelled, "the request was stopped", {}, {}};
    return 1;
}

bool failed_before_sending(CURLcode code) {
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
           code == CURLE_SSL_CONNECT_ERROR;
}

// A body_source whose blocks are those of another, encoded.
std::function<base::Result<void>(std::string&)> encoded_source(
    std::function<base::Result<void>(std::string&)> source) {
    const std::shared_ptr<Encoder> encoder = make_encoder(ContentCoding::kZstd);
    return [source = std::move(source), encoder,
            ended = false](std::string& block) mutable -> base::Result<void> {
        // libcurl takes an empty block for the end, which an encoder that gathers is not.
        while (block.empty() && !ended) {
            std::string plain;
            VMSECURITY_TRY(source(plain));
            ended = plain.empty();
            encoder->encode(plain, ended, block);
        }
        return {};
    };
}

ClientRequest prepared(const ClientRequest& request) {
    ClientRequest sent = request;
    const bool has_content = !sent.body.empty() || sent.body_source;
    if (has_content && !sent.headers.find("Content-Type")) {
        sent.headers.add("Content-Type", "application/json");
    }
    if (!has_content || !sent.compress) return sent;
    sent.headers.set("Content-Encoding", "zstd");
    if (sent.body_source) {
        sent.body_source = encoded_source(std::move(sent.body_source));
    } else {
        std::string encoded;
        make_encoder(ContentCoding::kZstd)->encode(sent.body, true, encoded);
        sent.body = std::move(encoded);
    }
    return sent;
}

}  // namespace

struct HttpClient::State {
    explicit State(ClientOptions client_options) : options(std::move(client_options)) {
        static std::once_flag initialised;
        std::call_once(initialised, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
        handle.reset(curl_easy_init());
        while (options.base_url.ends_with('/')) options.base_url.pop_back();
    }

    base::Result<Response> send(const ClientRequest& request, const OnBytes* on_bytes,
                                const std::stop_token& stop);
    base::Result<Response> attempt(const ClientRequest& request, const OnBytes* on_bytes,
                                   const std::stop_token& stop, Outcome& outcome);
    List fields(const ClientRequest& request, bool streams) const;
    void set_limits(bool streams) const;
    void set_body(Attempt& attempt) const;

    ClientOptions options;
    std::unique_ptr<CURL, FreeHandle> handle;
    std::minstd_rand random{std::random_device{}()};
};

List HttpClient::State::fields(const ClientRequest& request, bool streams) const {
    List list;
    const auto add = [&](const std::string& line) {
        // The list takes the place of the one it was appended to.
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (longer != nullptr && list == nullptr) list.reset(longer);
    };
    for (const auto& [name, value] : request.headers.all()) add(name + ": " + value);
    if (!options.bearer_token.empty()) add("Authorization: Bearer " + options.bearer_token);
    if (!streams && !request.headers.find("Accept-Encoding")) add("Accept-Encoding: zstd, gzip");
    add("Expect:");  // a round trip for nothing; a refusal comes as well while the body is sent
    if (request.body_source) add("Transfer-Encoding: chunked");
    return list;
}

void HttpClient::State::set_limits(bool streams) const {
    CURL* curl = handle.get();
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options.connect_timeout.count()));
    if (!streams) {
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                         static_cast<long>(options.total_timeout.count()));
        return;
    }
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(options.stall_timeout);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(seconds.count()));
}

void HttpClient::State::set_body(Attempt& attempt) const {
    CURL* curl = handle.get();
    const ClientRequest& request = attempt.request;
    if (request.method == Method::kHead) curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (request.body_source) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, &give_body);
        curl_easy_setopt(curl, CURLOPT_READDATA, &attempt);
    } else if (!request.body.empty() || request.method == Method::kPost ||
               request.method == Method::kPut || request.method == Method::kPatch) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, std::string(to_string(request.method)).c_str());
}

base::Result<Response> HttpClient::State::attempt(const ClientRequest& request,
                                                  const OnBytes* on_bytes,
                                                  const std::stop_token& stop, Outcome& outcome) {
    CURL* curl = handle.get();
    curl_easy_reset(curl);  // keeps the connection
    Attempt state{request, on_bytes, options.max_body_bytes, stop, curl, {}, {}, 0, {}};
    const std::string url = options.base_url + request.target;
    std::string message(CURL_ERROR_SIZE, '\0');
    const bool streams = on_bytes != nullptr || request.body_source;
    const List list = fields(request, on_bytes != nullptr);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    if (!options.ca_file.empty()) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
        curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);  // that authority alone
    }
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, options.user_agent.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list.get());
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message.data());
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &state);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &state);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &look_for_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &state);
    set_limits(streams);
    set_body(state);

    const CURLcode result = curl_easy_perform(curl);
    if (state.error) return base::fail(std::move(*state.error));
    if (result != CURLE_OK) {
        outcome = {0, !failed_before_sending(result), {}};
        const bool ours = result == CURLE_UNSUPPORTED_PROTOCOL || result == CURLE_URL_MALFORMAT;
        return base::fail(ours ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
                          "cannot reach " + options.base_url, {},
                          fmt::format("{}: {}", curl_easy_strerror(result), message.c_str()));
    }
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    state.response.status = static_cast<int>(status);
    outcome = {state.response.status, true, {}};
    if (const auto after = state.response.headers.find("Retry-After")) {
        if (const auto seconds = base::parse_unsigned(*after); seconds && *seconds < 86'400) {
            outcome.retry_after = std::chrono::seconds(*seconds);
        }
    }
    return std::move(state.response);
}

base::Result<Response> HttpClient::State::send(const ClientRequest& request,
                                               const OnBytes* on_bytes,
                                               const std::stop_token& stop) {
    if (handle == nullptr) return base::fail(ErrorCode::kInternal, "libcurl cannot be started");
    const ClientRequest sent = prepared(request);
    for (unsigned next = 1;; ++next) {
        bool delivered = false;  // a stream that has begun is not begun again
        const OnBytes counted = [&](std::string_view bytes) {
            delivered = true;
            return (*on_bytes)(bytes);
        };
        Outcome outcome{0, true, {}};
        auto response = attempt(sent, on_bytes == nullptr ? nullptr : &counted, stop, outcome);
        const bool final_error = !response && response.error().code != ErrorCode::kUnavailable;
        if (final_error || delivered) return response;
        const auto delay = retry_delay(options, sent, outcome, next, random);
        if (!delay) return response;
        std::mutex mutex;
        std::condition_variable_any sleeping;
        std::unique_lock lock(mutex);
        sleeping.wait_for(lock, stop, *delay, [] { return false; });
        if (stop.stop_requested()) {
            return base::fail(ErrorCode::kCancelled, "the request was stopped");
        }
    }
}

HttpClient::HttpClient(ClientOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

base::Result<Response> HttpClient::send(const ClientRequest& request, std::stop_token stop) {
    VMSECURITY_ASSIGN(Response response, state_->send(request, nullptr, stop));
    const auto header = response.headers.find("Content-Encoding");
    if (!header || response.body.empty()) return response;
    const auto coding = parse_content_coding(*header);
    if (!coding) {
        return base::fail(ErrorCode::kUnsupported,
                          fmt::format("the answer is encoded with '{}'", *header));
    }
    VMSECURITY_ASSIGN(response.body,
                      decode_content(*coding, response.body, state_->options.max_body_bytes));
    response.headers.remove("Content-Encoding");
    return response;
}

base::Result<Response> HttpClient::stream(const ClientRequest& request, const OnBytes& on_bytes,
                                          std::stop_token stop) {
    return state_->send(request, &on_bytes, stop);
}

}  // namespace vmsecurity::net
