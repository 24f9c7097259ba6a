#pragma once

#include <string_view>

namespace vmsecurity::cli {

// Whether what is sent to an address ("http://10.0.0.7:8888/api") could be read on its way: it is
// plain HTTP, and its host is not this machine. A name counts as another machine, but for
// "localhost", which resolves to loopback alone (RFC 6761 §6.3).
bool is_readable_on_the_way(std::string_view url);

}  // namespace vmsecurity::cli
