#pragma once

#include <optional>
#include <string_view>

#include "versions/pep440_version.h"

namespace vmsecurity::versions {

// Reads one version by the grammar of PEP 440, appendix B, without its backtracking: at each place
// one byte or word tells which part follows.
class Pep440Parser {
  public:
    explicit Pep440Parser(std::string_view lower_case) : rest_(lower_case) {}
    std::optional<Pep440Version> parse();

  private:
    bool at_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
    bool take(char wanted);
    bool take_separator();  // one of "-_."
    // A separator or none, then one of the words; on failure nothing is taken.
    template <typename Words>
    std::optional<std::size_t> take_word(const Words& words);
    Pep440Version::Number take_number();         // the digits here; "" if there are none
    Pep440Version::Number take_suffix_number();  // a separator or none, then digits or none

    bool parse_release();
    void parse_pre();
    void parse_post();
    void parse_dev();
    bool parse_local();

    std::string_view rest_;
    Pep440Version version_;
};

}  // namespace vmsecurity::versions
