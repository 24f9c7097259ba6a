#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace vmsecurity::base {

// SHA-256 (FIPS 180-4) of bytes that come in pieces; secrets.h has it of a whole text.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(std::string_view bytes);
    std::string finish_hex();  // lower case; the last call

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace vmsecurity::base
