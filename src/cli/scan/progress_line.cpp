#include "cli/scan/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/console/console.h"
#include "cli/console/terminal.h"
#include "cli/console/text_table.h"

namespace vmsecurity::cli {
namespace {

constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::milliseconds kLogInterval{5000};

}  // namespace

ProgressLine::ProgressLine(ProgressMode mode)
    : enabled_(mode == ProgressMode::kAlways ||
               (mode == ProgressMode::kAuto && ::isatty(STDERR_FILENO) != 0)),
      terminal_(::isatty(STDERR_FILENO) != 0) {}

void ProgressLine::show(const scan::ScanProgress& progress) {
    const auto now = Clock::now();
    const bool first = shown_ == Clock::time_point{};
    if (!enabled_ || (!first && now - shown_ < (terminal_ ? kTerminalInterval : kLogInterval))) {
        return;
    }
    shown_ = now;
    const scan::Statistics& so_far = progress.so_far;
    std::string done = grouped(so_far.entries);
    if (progress.expected_entries > 0) {
        done += fmt::format(
            " of about {} names ({} %)", grouped(progress.expected_entries),
            std::min<std::uint64_t>(100, so_far.entries * 100 / progress.expected_entries));
    } else {
        done += " names";
    }
    std::string line = fmt::format(
        "{}: {}, {} read; waiting: {} directories, {} files; {:.0f} s", progress.volume, done,
        base::format_size(so_far.bytes_read), grouped(progress.pending_directories),
        grouped(progress.pending_files), std::chrono::duration<double>(now - started_).count());
    if (!terminal_) {
        tell("{}\n", line);
        return;
    }
    if (const std::size_t width = terminal_width(STDERR_FILENO); width > 0) line = cut(line, width);
    tell("\r\x1b[2K{}", line);
    visible_ = true;
}

void ProgressLine::clear() {
    if (std::exchange(visible_, false)) tell("\r\x1b[2K");
}

}  // namespace vmsecurity::cli
