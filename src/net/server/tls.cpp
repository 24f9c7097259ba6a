#include "net/server/tls.h"

#include <openssl/ssl.h>

#include <string_view>

namespace vmsecurity::net {
namespace {

namespace ssl = boost::asio::ssl;

// Chooses http/1.1 where it is offered. A client that offers only others goes on without ALPN, as
// one that knows none does.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int size, void*) {
    static constexpr std::string_view kOurs = "\x08http/1.1";
    unsigned char* selected = nullptr;
    const int result = SSL_select_next_proto(&selected, length,
                                             reinterpret_cast<const unsigned char*>(kOurs.data()),
                                             static_cast<unsigned>(kOurs.size()), offered, size);
    if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *chosen = selected;
    return SSL_TLSEXT_ERR_OK;
}

base::Result<void> check(const boost::system::error_code& error, const std::string& what) {
    if (!error) return {};
    return base::fail(base::ErrorCode::kInvalidArgument, "cannot use the TLS " + what, {},
                      error.message());
}

}  // namespace

base::Result<ssl::context> make_tls_context(const TlsFiles& files) {
    ssl::context context(ssl::context::tls_server);
    SSL_CTX* native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(
        native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // thousands of idle connections
    if (SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") != 1) {
        return base::fail(base::ErrorCode::kInternal, "OpenSSL has none of the TLS 1.2 ciphers");
    }
    SSL_CTX_set_alpn_select_cb(native, &choose_protocol, nullptr);
    boost::system::error_code error;
    context.use_certificate_chain_file(files.certificate, error);
    VMSECURITY_TRY(check(error, "certificate file " + files.certificate));
    context.use_private_key_file(files.private_key, ssl::context::pem, error);
    VMSECURITY_TRY(check(error, "key file " + files.private_key));
    if (SSL_CTX_check_private_key(native) != 1) {
        return base::fail(
            base::ErrorCode::kInvalidArgument,
            "the TLS key in " + files.private_key + " is not the one of " + files.certificate);
    }
    return context;
}

}  // namespace vmsecurity::net
