#include "service/stop_signal.h"

#include <pthread.h>
#include <signal.h>

#include <initializer_list>

namespace vmsecurity::service {

namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGQUIT}) sigaddset(&set, number);
    return set;
}

}  // namespace

StopSignal::StopSignal() {
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int StopSignal::wait() {
    const sigset_t set = stop_signals();
    int number = 0;
    sigwait(&set, &number);
    // Somebody who asks twice does not want to wait for the grace.
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    return number;
}

}  // namespace vmsecurity::service
