#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsecurity::bench {

double percentile(std::vector<double> values, double part);  // 0.95: p95

// A line of what script/bench api prints.
struct Figure {
    std::string name;
    double measured = 0;
    std::string_view unit = "ms";
    std::optional<double> goal = {};
    bool at_least = false;           // the goal is the least, not the most
    std::optional<double> raw = {};  // the best raw SQL for the same
    std::optional<double> cpu =
        {};  // ms of CPU that one request took, in the server and in PostgreSQL
};

class Report {
  public:
    void heading(std::string_view text);
    void add(const Figure& figure);
    void note(std::string_view text);
    // Something that should have been measured was not, or was not what it should be.
    void fail(std::string_view what, std::string_view why);

    int misses() const { return misses_; }

  private:
    int misses_ = 0;
};

}  // namespace vmsecurity::bench
