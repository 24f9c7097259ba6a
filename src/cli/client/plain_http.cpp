#include "cli/client/plain_http.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

namespace vmsecurity::cli {
namespace {

std::string lowered(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return made;
}

// Of "user@[::1]:80/path": "::1".
std::string host_of(std::string_view rest) {
    rest = rest.substr(0, rest.find_first_of("/?#\\"));
    if (const std::size_t user = rest.rfind('@'); user != std::string_view::npos) {
        rest.remove_prefix(user + 1);
    }
    if (rest.starts_with('[')) return std::string(rest.substr(1, rest.find(']') - 1));
    return lowered(rest.substr(0, rest.find(':')));
}

bool is_loopback(const std::string& host) {
    if (host == "localhost" || host == "localhost.") return true;
    in_addr four{};
    if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
    in6_addr six{};
    return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace

bool is_readable_on_the_way(std::string_view url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos || lowered(url.substr(0, scheme)) != "http") return false;
    return !is_loopback(host_of(url.substr(scheme + 3)));
}

}  // namespace vmsecurity::cli
