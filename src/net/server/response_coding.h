#pragma once

#include <cstddef>

#include "net/http/content_coding.h"
#include "net/http/message.h"

namespace vmsecurity::net {

// What the body of an answer with these fields is to be encoded with, kIdentity if it should not
// be. Adds Vary where that depends on the client.
ContentCoding choose_response_coding(const Request& request, int status, Headers& headers);

// Encodes the body of a whole answer where it has at least `from` bytes. The ETag stays as the
// handler gave it: clients send it back in If-Match, which a weak one would never fulfil.
void encode_response(const Request& request, std::size_t from, Response& response);

}  // namespace vmsecurity::net
