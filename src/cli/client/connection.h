#pragma once

#include <string>

#include "base/result.h"
#include "net/client/http_client.h"
#include "sdk/api_client.h"

namespace CLI {
class App;
}

namespace vmsecurity::cli {

// Where the API is and who asks: --server, --token-file, --ca. A token is never an argument, which
// every process of the machine could read; it comes from a file or from VMSECURITY_TOKEN. It is not
// sent where others could read it, unless --allow-plain-http says so.
class Connection {
  public:
    void add_options(CLI::App& command);
    base::Result<net::HttpClient> open() const;
    base::Result<sdk::Endpoint> endpoint() const;

  private:
    std::string url() const;
    base::Result<std::string> token() const;
    bool allows_plain_http() const;

    std::string server_;
    std::string token_file_;
    std::string ca_file_;
    bool allow_plain_http_ = false;
};

}  // namespace vmsecurity::cli
