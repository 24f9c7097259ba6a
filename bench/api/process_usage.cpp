#include "bench/api/process_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

namespace vmsecurity::bench {
namespace {

// proc(5), /proc/PID/stat: utime and stime are the 14th and 15th field; the 2nd may hold spaces.
double cpu_milliseconds(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::size_t at = name_end + 1;
    for (int field = 3; field < 14; ++field) at = line.find(' ', at + 1);
    char* end = nullptr;
    const double user = std::strtod(line.c_str() + at, &end);
    const double system = std::strtod(end, nullptr);
    return (user + system) * 1000 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t anonymous_kib_of(const std::string& status) {
    std::ifstream file(status);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("RssAnon:")) return std::strtoull(line.c_str() + 8, nullptr, 10);
    }
    return 0;
}

}  // namespace

double cpu_milliseconds(std::span<const pid_t> processes) {
    double sum = 0;
    for (const pid_t process : processes) sum += cpu_milliseconds(process);
    return sum;
}

MemoryWatch::MemoryWatch(pid_t process)
    : thread_(
          [this, status = fmt::format("/proc/{}/status", process)](const std::stop_token& stopped) {
              while (!stopped.stop_requested()) {
                  peak_ = std::max(peak_.load(), anonymous_kib_of(status));
                  std::this_thread::sleep_for(std::chrono::milliseconds(20));
              }
          }) {}

MemoryWatch::~MemoryWatch() = default;

}  // namespace vmsecurity::bench
