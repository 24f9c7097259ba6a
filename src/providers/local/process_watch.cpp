#include "providers/local/process_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iterator>
#include <utility>

namespace vmsecurity::providers::local {

ProcessWatch::ProcessWatch(Ended ended)
    : ended_(std::move(ended)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ProcessWatch::~ProcessWatch() {
    thread_.request_stop();
    ::eventfd_write(wake_.get(), 1);
}

void ProcessWatch::add(pid_t pid, const std::string& name) {
    // Without a descriptor it has ended, and been reaped, already.
    Watched watched{pid, name,
                    base::FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)))};
    {
        const std::lock_guard lock(mutex_);
        added_.push_back(std::move(watched));
    }
    ::eventfd_write(wake_.get(), 1);
}

void ProcessWatch::run(const std::stop_token& stop) {
    std::vector<Watched> watched;
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            std::ranges::move(added_, std::back_inserter(watched));
            added_.clear();
        }
        std::vector<pollfd> polled = {{wake_.get(), POLLIN, 0}};
        bool ended_already = false;
        for (const Watched& one : watched) {
            polled.push_back({one.descriptor.get(), POLLIN, 0});
            ended_already |= !one.descriptor.valid();
        }
        ::poll(polled.data(), polled.size(), ended_already ? 0 : -1);
        eventfd_t ignored = 0;
        if (polled.front().revents != 0) ::eventfd_read(wake_.get(), &ignored);
        std::vector<Watched> still;
        for (std::size_t i = 0; i < watched.size(); ++i) {
            if (watched[i].descriptor.valid() && polled[i + 1].revents == 0) {
                still.push_back(std::move(watched[i]));
                continue;
            }
            ::waitpid(watched[i].pid, nullptr, WNOHANG);  // fails for others' children
            ended_(watched[i].name);
        }
        watched = std::move(still);
    }
}

}  // namespace vmsecurity::providers::local
