#include "service/web/listener_settings.h"

namespace vmsecurity::service {

bool is_loopback(std::string_view address) {
    return address.starts_with("127.") || address.starts_with("[::1]:") ||
           address.starts_with("localhost:");
}

base::Result<std::optional<net::TlsFiles>> read_tls(const Settings& settings) {
    const std::string& certificate = settings.text("tls-certificate");
    const std::string& key = settings.text("tls-key");
    if (certificate.empty() && key.empty()) return std::nullopt;
    if (certificate.empty() || key.empty()) {
        return base::fail(settings.error(certificate.empty() ? "tls-certificate" : "tls-key",
                                         "a file: tls-certificate and tls-key go together"));
    }
    return net::TlsFiles{certificate, key};
}

}  // namespace vmsecurity::service
