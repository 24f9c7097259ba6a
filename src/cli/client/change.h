#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/client/output.h"
#include "net/client/http_client.h"

namespace vmsecurity::cli {

struct ChangeSettings {
    const model::schema::Display* display = nullptr;
    std::vector<std::string> ids;          // of update (one) and delete
    std::string file;                      // JSON; "-": standard input
    std::optional<std::int64_t> if_match;  // the revision that the object must have
    bool replace = false;                  // update: PUT instead of PATCH
    std::optional<OutputFormat> format;    // nothing: the id alone
};

// Exit statuses; what went wrong has been told on standard error.
int run_create(net::HttpClient& client, const ChangeSettings& settings);
int run_update(net::HttpClient& client, const ChangeSettings& settings);
int run_delete(net::HttpClient& client, const ChangeSettings& settings);

}  // namespace vmsecurity::cli
