#include "cli/client/connection.h"

#include <chrono>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "cli/client/plain_http.h"
#include "cli/version.h"

namespace vmsecurity::cli {
namespace {

constexpr const char* kDefaultServer = "http://127.0.0.1:8888";
constexpr std::uint64_t kMaxTokenBytes = 64 * 1024;
constexpr std::uint64_t kMaxAnswerBytes = 1ULL << 30;  // an asset scan with all its results
// The server sends an event stream a few bytes every 15 seconds, and curl counts whole bytes a
// second; a connection that is really gone ends by TCP.
constexpr std::chrono::hours kStall{24};

}  // namespace

void Connection::add_options(CLI::App& command) {
    command
        .add_option("--server", server_,
                    "Address of the API (default: the variable VMSECURITY_SERVER, else "
                    "http://127.0.0.1:8888)")
        ->type_name("URL")
        ->group("Connection");
    command
        .add_option("--token-file", token_file_,
                    "File with the bearer token (default: the variable VMSECURITY_TOKEN, if set)")
        ->type_name("FILE")
        ->group("Connection");
    command
        .add_option("--ca", ca_file_,
                    "PEM file of the authority that vouches for the server (default: the system's)")
        ->type_name("FILE")
        ->group("Connection");
    command
        .add_flag("--allow-plain-http", allow_plain_http_,
                  "Send the token over HTTP without TLS to another machine, where whoever is on "
                  "the way can read it (default: VMSECURITY_ALLOW_PLAIN_HTTP=true, else no)")
        ->group("Connection");
}

bool Connection::allows_plain_http() const {
    const char* variable = std::getenv("VMSECURITY_ALLOW_PLAIN_HTTP");
    return allow_plain_http_ || (variable != nullptr && std::string_view(variable) == "true");
}

base::Result<std::string> Connection::token() const {
    std::string token;
    if (!token_file_.empty()) {
        VMSECURITY_ASSIGN(token, base::read_file(token_file_, kMaxTokenBytes));
    } else if (const char* variable = std::getenv("VMSECURITY_TOKEN")) {
        token = variable;
    }
    token = base::trim(token);
    for (const char c : token) {
        if (c <= ' ' || c > '~') {
            return base::fail(base::ErrorCode::kInvalidArgument,
                              "the token has a character that no token has", token_file_);
        }
    }
    return token;
}

std::string Connection::url() const {
    std::string url = server_;
    if (url.empty()) {
        const char* variable = std::getenv("VMSECURITY_SERVER");
        url = variable != nullptr && *variable != '\0' ? variable : kDefaultServer;
    }
    if (url.find("://") == std::string::npos) url.insert(0, "http://");
    return url;
}

base::Result<sdk::Endpoint> Connection::endpoint() const {
    sdk::Endpoint endpoint;
    endpoint.url = url();
    endpoint.ca_file = ca_file_;
    VMSECURITY_ASSIGN(endpoint.token, token());
    if (!endpoint.token.empty() && is_readable_on_the_way(endpoint.url) && !allows_plain_http()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          endpoint.url +
                              " has no TLS, so others could read the token on its way there: use "
                              "https, or say --allow-plain-http if you trust the network");
    }
    endpoint.user_agent = std::string(kProgramName) + "/" + std::string(kVersion);
    return endpoint;
}

base::Result<net::HttpClient> Connection::open() const {
    VMSECURITY_ASSIGN(const sdk::Endpoint where, endpoint());
    net::ClientOptions options = sdk::client_options(where);
    options.stall_timeout = kStall;
    options.max_body_bytes = kMaxAnswerBytes;
    return net::HttpClient(std::move(options));
}

}  // namespace vmsecurity::cli
