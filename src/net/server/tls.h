#pragma once

#include <boost/asio/ssl/context.hpp>

#include "base/result.h"
#include "net/server/server.h"

namespace vmsecurity::net {

// TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers, ALPN "http/1.1".
// kInvalidArgument names the file that cannot be used.
base::Result<boost::asio::ssl::context> make_tls_context(const TlsFiles& files);

}  // namespace vmsecurity::net
