#pragma once

#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>

#include "base/result.h"

namespace vmsecurity::net {

// "127.0.0.1:8888", "[::1]:0", "localhost:80" (127.0.0.1). Other names are not looked up: which of
// a name's addresses to bind is no question to leave to a resolver. kInvalidArgument.
base::Result<boost::asio::ip::tcp::endpoint> parse_listen_address(std::string_view text);

// The same back.
std::string format_address(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace vmsecurity::net
