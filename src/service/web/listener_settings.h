#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "net/server/server.h"
#include "service/settings.h"

namespace vmsecurity::service {

// Whether only this machine can reach "host:port".
bool is_loopback(std::string_view address);

// The settings `tls-certificate` and `tls-key`; nothing if neither is set. kInvalidArgument: only
// one is.
base::Result<std::optional<net::TlsFiles>> read_tls(const Settings& settings);

}  // namespace vmsecurity::service
