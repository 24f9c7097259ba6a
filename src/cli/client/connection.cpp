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

base::Result<net::HttpClient> Connection::open() const {
    net::ClientOptions options;
    options.base_url = server_;
    if (options.base_url.empty()) {
        const char* variable = std::getenv("VMSECURITY_SERVER");
        options.base_url = variable != nullptr && *variable != '\0' ? variable : kDefaultServer;
    }
    if (options.base_url.find("://") == std::string::npos) options.base_url.insert(0, "http://");
    options.ca_file = ca_file_;
    VMSECURITY_ASSIGN(options.bearer_token, token());
    if (!options.bearer_token.empty() && is_readable_on_the_way(options.base_url) &&
        !allows_plain_http()) {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          options.base_url +
                              " has no TLS, so others could read the token on its way there: use "
                              "https, or say --allow-plain-http if you trust the network");
    }
    options.user_agent = std::string(kProgramName) + "/" + std::string(kVersion);
    options.stall_timeout = kStall;
    options.max_body_bytes = kMaxAnswerBytes;
    return net::HttpClient(std::move(options));
}

}  // namespace vmsecurity::cli
