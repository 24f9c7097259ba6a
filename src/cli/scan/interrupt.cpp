#include "cli/scan/interrupt.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>

namespace vmsecurity::cli {
namespace {

constexpr std::array<int, 2> kSignals = {SIGINT, SIGTERM};
// A signal handler reaches nothing but globals.
std::atomic<int> event_descriptor = -1;  // NOLINT(*-avoid-non-const-global-variables)

void on_signal(int) {
    const std::uint64_t one = 1;
    // The counter of an eventfd takes more ones than there are signals.
    [[maybe_unused]] const ssize_t written = ::write(event_descriptor, &one, sizeof(one));
}

}  // namespace

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC)) {
    event_descriptor = event_.get();
    struct sigaction action{};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

Interrupt::~Interrupt() {
    for (const int signal : kSignals) ::signal(signal, SIG_DFL);
    event_descriptor = -1;
}

}  // namespace vmsecurity::cli
