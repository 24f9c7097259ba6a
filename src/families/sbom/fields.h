#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "scan/analyzer.h"

namespace vmsecurity::families::sbom {

// What catalogers do to the values that they read from untrusted files.

// Beyond this a name, version or architecture is not one.
inline constexpr std::size_t kMaxIdentifierSize = 512;
// Descriptions, maintainers and the like are cut off here.
inline constexpr std::size_t kMaxTextSize = 1024;

// `raw` without white space at its ends, cut to at most `limit` bytes between two characters, made
// printable UTF-8 by base::escape_bytes.
std::string printable(std::string_view raw, std::size_t limit = kMaxTextSize);

// The `location` of a file that an analyzer was given.
std::string location_of(std::string_view path);

// Hands at most kMaxReported problems of one file on; finish() says how many more there were.
class Problems {
  public:
    explicit Problems(scan::Sink& sink) : sink_(sink) {}
    void add(std::string_view reason);
    void add_at_line(std::size_t line, std::string_view reason);
    void finish();

    static constexpr std::size_t kMaxReported = 20;

  private:
    scan::Sink& sink_;
    std::size_t count_ = 0;
};

// Takes lines off a text one by one; "\n" or "\r\n" ends a line.
class LineReader {
  public:
    explicit LineReader(std::string_view text) : rest_(text) {}
    bool next(std::string_view& line);
    std::size_t number() const { return number_; }  // of the line that next() gave last, from 1

  private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

}  // namespace vmsecurity::families::sbom
