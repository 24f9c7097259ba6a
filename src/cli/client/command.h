#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/connection.h"
#include "cli/client/get.h"

namespace CLI {
class App;
}

namespace vmsecurity::cli {

// `get`, `create`, `update`, `delete` and `watch`: the collections of the API. They are a program
// of their own, because libcurl brings libraries that no scan needs.
class ClientCommand {
  public:
    explicit ClientCommand(CLI::App& program);

    static int main(int argc, char** argv);  // an exit status (exit_status.h)

  private:
    CLI::App* add(CLI::App& program, const char* name, const char* description,
                  const char* examples);
    void add_body_options(CLI::App& command, const char* what);
    void add_if_match(CLI::App& command);
    int run();
    base::Result<int> run_chosen();

    CLI::App* get_ = nullptr;
    CLI::App* create_ = nullptr;
    CLI::App* update_ = nullptr;
    CLI::App* delete_ = nullptr;
    CLI::App* watch_ = nullptr;

    Connection connection_;
    std::string collection_;
    std::vector<std::string> ids_;
    std::string id_;
    std::string output_;
    std::string file_;
    std::optional<std::int64_t> if_match_;
    bool replace_ = false;
    GetSettings get_settings_;
    std::optional<std::uint64_t> since_;
    std::uint64_t limit_ = 0;
};

}  // namespace vmsecurity::cli
