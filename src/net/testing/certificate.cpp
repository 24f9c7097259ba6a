#include "net/testing/certificate.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <memory>

namespace vmsecurity::net::testing {
namespace {

template <typename T, auto free>
struct Free {
    void operator()(T* object) const { free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Free<X509, X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION, X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Free<std::FILE, std::fclose>>;

X509Ptr self_signed(EVP_PKEY* key) {
    X509Ptr certificate(X509_new());
    X509_set_version(certificate.get(), 2);  // means 3
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    for (const auto& [nid, value] : {std::pair{NID_subject_alt_name, "IP:127.0.0.1"},
                                     std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
        const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value));
        X509_add_ext(certificate.get(), extension.get(), -1);
    }
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

}  // namespace

Certificate::Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "certificate-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    const Key key(EVP_EC_gen("P-256"));
    const X509Ptr certificate = self_signed(key.get());
    const File certificate_out(std::fopen(certificate_file().c_str(), "w"));
    EXPECT_EQ(PEM_write_X509(certificate_out.get(), certificate.get()), 1);
    const File key_out(std::fopen(key_file().c_str(), "w"));
    EXPECT_EQ(PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr),
              1);
}

Certificate::~Certificate() {
    std::filesystem::remove_all(directory_);
}

}  // namespace vmsecurity::net::testing
