#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/output.h"
#include "cli/client/query.h"
#include "net/client/http_client.h"

namespace vmsecurity::cli {

struct GetSettings {
    const model::schema::Display* display = nullptr;
    std::vector<std::string> ids;  // empty: a list
    std::string filter;
    std::string select;
    std::string orderby;
    std::string expand;
    std::string apply;
    std::optional<std::uint64_t> top;
    std::optional<std::uint64_t> skip;
    bool all = false;    // a table too shows everything
    bool count = false;  // the number alone
    OutputFormat format = OutputFormat::kTable;
};

// An exit status; what went wrong has been told on standard error.
int run_get(net::HttpClient& client, const GetSettings& settings);

}  // namespace vmsecurity::cli
