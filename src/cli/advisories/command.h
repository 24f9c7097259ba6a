#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace vmsecurity::cli {

// The program behind `vmsecurity advisories`: build, info, verify. It is one of its own because
// reading feeds takes the network and parsers of many formats, none of which belongs into the
// program that scans.
class AdvisoriesCommand {
  public:
    static int main(int argc, char** argv);  // an exit status (exit_status.h)

  private:
    explicit AdvisoriesCommand(CLI::App& command);
    int run();
    int build() const;
    int info() const;
    int verify() const;

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
