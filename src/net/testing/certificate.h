#pragma once

#include <string>

namespace vmsecurity::net::testing {

// A self-signed certificate for 127.0.0.1 and its key, as PEM files in a directory that goes again.
class Certificate {
  public:
    Certificate();
    ~Certificate();
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    std::string certificate_file() const { return directory_ + "/certificate.pem"; }
    std::string key_file() const { return directory_ + "/key.pem"; }

  private:
    std::string directory_;
};

}  // namespace vmsecurity::net::testing
