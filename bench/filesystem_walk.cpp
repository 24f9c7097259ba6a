// filesystem_walk PATH [THREADS] [--status] [--read]
// Walks a directory or an ext image with one session for each thread, and says what it cost.
// --status asks for every entry's status, --read reads every file of at most 1 MiB.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "filesystem/open.h"
#include "filesystem/testing/file_source.h"

namespace {

using namespace vmsecurity;

struct Settings {
    bool status = false;
    bool read = false;
};

// Directories that wait for a thread; depth first, so that it stays short.
class Queue {
  public:
    void push(filesystem::Node node) {
        const std::lock_guard lock(mutex_);
        nodes_.push_back(std::move(node));
        changed_.notify_one();
    }
    // False when all threads wait, so that nothing more can come.
    bool pop(filesystem::Node& node, unsigned threads) {
        std::unique_lock lock(mutex_);
        if (++waiting_ == threads && nodes_.empty()) changed_.notify_all();
        changed_.wait(lock, [&] { return !nodes_.empty() || waiting_ == threads; });
        if (nodes_.empty()) return false;
        --waiting_;
        node = std::move(nodes_.back());
        nodes_.pop_back();
        return true;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<filesystem::Node> nodes_;
    unsigned waiting_ = 0;
};

struct Counts {
    std::atomic<std::uint64_t> entries{0};
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::uint64_t> errors{0};
};

void read_file(filesystem::Session& session, const filesystem::Node& node,
               std::vector<std::byte>& buffer, Counts& counts) {
    const auto reader = session.open(node);
    const auto got = reader ? (*reader)->read(0, buffer) : base::Result<std::size_t>(0);
    if (!reader || !got) ++counts.errors;
    if (got) counts.bytes += *got;
}

void work(const filesystem::FileSystem& file_system, Queue& queue, unsigned threads,
          Settings settings, Counts& counts) {
    auto session = file_system.open_session();
    std::vector<std::byte> buffer(settings.read ? 1 << 20 : 0);
    filesystem::Node directory;
    while (queue.pop(directory, threads)) {
        if (!session) {
            ++counts.errors;
            continue;
        }
        std::vector<filesystem::Node> files;
        const auto listed =
            (*session)->list(directory, [&](const filesystem::DirectoryEntry& entry) {
                ++counts.entries;
                const bool wanted = settings.status ||
                                    entry.type == filesystem::FileType::kDirectory ||
                                    (settings.read && entry.type == filesystem::FileType::kRegular);
                if (!wanted) return true;
                filesystem::Node node{filesystem::join_path(directory.path, entry.name),
                                      entry.inode, entry.type};
                if (settings.status && !(*session)->status(node)) ++counts.errors;
                if (node.type == filesystem::FileType::kDirectory) {
                    queue.push(std::move(node));
                } else if (settings.read && node.type == filesystem::FileType::kRegular) {
                    files.push_back(std::move(node));
                }
                return true;
            });
        if (!listed) ++counts.errors;
        for (const filesystem::Node& file : files) read_file(**session, file, buffer, counts);
    }
}

int run(const std::string& path, unsigned threads, Settings settings) {
    std::shared_ptr<filesystem::testing::FileSource> source;
    base::Result<std::unique_ptr<filesystem::FileSystem>> file_system = nullptr;
    const auto started = std::chrono::steady_clock::now();
    if (std::filesystem::is_directory(path)) {
        auto descriptor = base::open_file(path, O_RDONLY | O_DIRECTORY);
        if (!descriptor) return 1;
        file_system = filesystem::open_directory(std::move(*descriptor));
    } else {
        auto opened = filesystem::testing::FileSource::open(path);
        if (!opened) return 1;
        source = *opened;
        file_system = filesystem::open_ext(source);
    }
    if (!file_system) {
        fmt::print(stderr, "{}\n", file_system.error().describe());
        return 1;
    }
    Counts counts;
    Queue queue;
    auto session = (*file_system)->open_session();
    if (!session) return 1;
    queue.push((*session)->root());
    std::vector<std::thread> workers;
    workers.reserve(threads);
    for (unsigned i = 0; i < threads; ++i) {
        workers.emplace_back([&] { work(**file_system, queue, threads, settings, counts); });
    }
    for (std::thread& worker : workers) worker.join();

    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    struct rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    fmt::print(
        "{} entries, {} errors, {:.2f} MiB of content, {:.3f} s, CPU {:.3f} s, source: {} reads "
        "{:.1f} MiB, peak {} KiB\n",
        counts.entries.load(), counts.errors.load(),
        static_cast<double>(counts.bytes.load()) / 1048576, took.count(),
        seconds(usage.ru_utime) + seconds(usage.ru_stime), source ? source->reads() : 0,
        static_cast<double>(source ? source->bytes_read() : 0) / 1048576, usage.ru_maxrss);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: filesystem_walk PATH [THREADS] [--status] [--read]\n");
        return 2;
    }
    unsigned threads = 8;
    Settings settings;
    for (int i = 2; i < argc; ++i) {
        if (std::strcmp(argv[i], "--status") == 0) {
            settings.status = true;
        } else if (std::strcmp(argv[i], "--read") == 0) {
            settings.read = true;
        } else {
            threads = static_cast<unsigned>(std::strtoul(argv[i], nullptr, 10));
        }
    }
    return run(argv[1], threads == 0 ? 1 : threads, settings);
}
