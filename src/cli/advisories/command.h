#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace vmsecurity::cli {

// Adds `advisories build|info|verify` to the program.
class AdvisoriesCommand {
  public:
    explicit AdvisoriesCommand(CLI::App& program);

    bool chosen() const;
    int run();

  private:
    int build() const;
    int info() const;
    int verify() const;

    CLI::App* command_ = nullptr;
    CLI::App* build_ = nullptr;
    CLI::App* info_ = nullptr;
    CLI::App* verify_ = nullptr;
    std::vector<std::string> feeds_;
    std::string output_;
    std::string name_;
    bool demo_ = false;
    std::string file_;
    std::string format_ = "table";
};

}  // namespace vmsecurity::cli
