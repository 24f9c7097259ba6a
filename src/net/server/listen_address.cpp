#include "net/server/listen_address.h"

#include <fmt/format.h>

#include "base/text.h"

namespace vmsecurity::net {

namespace asio = boost::asio;

base::Result<asio::ip::tcp::endpoint> parse_listen_address(std::string_view text) {
    const auto invalid = [&] {
        return base::fail(base::ErrorCode::kInvalidArgument,
                          fmt::format("cannot listen on '{}': an address is written 127.0.0.1:8888 "
                                      "or [::1]:8888",
                                      text));
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return invalid();
    const auto port = base::parse_unsigned(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    if (!port || *port > 65535 || host.empty()) return invalid();
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    boost::system::error_code error;
    const auto address = asio::ip::make_address(std::string(host), error);
    if (error || address.is_v6() != bracketed) return invalid();
    return asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(*port));
}

std::string format_address(const asio::ip::tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                      : fmt::format("{}:{}", address, endpoint.port());
}

}  // namespace vmsecurity::net
