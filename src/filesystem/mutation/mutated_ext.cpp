// Damages small ext images at random and reads each to the end. Passes if none of them crashes us
// or holds us up; what the damage does to the tree is free.

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>

#include <CLI/CLI.hpp>

#include "filesystem/mutation/mutator.h"
#include "filesystem/open.h"
#include "filesystem/testing/bounded_walk.h"
#include "filesystem/testing/file_source.h"
#include "filesystem/testing/workspace.h"

namespace {

using namespace vmsecurity;
namespace mutation = filesystem::mutation;
using Clock = std::chrono::steady_clock;

constexpr unsigned kSecondsForOne = 20;

struct Options {
    std::uint64_t count = 40;
    std::uint64_t seed = 1;
    std::uint64_t seconds = 0;  // 0: no limit
    bool verbose = false;
};

bool write_file(const std::filesystem::path& path, std::size_t size) {
    std::ofstream out(path, std::ios::binary);
    for (std::size_t i = 0; i < size; ++i) out.put(static_cast<char>(i * 31 + i / 251));
    return out.good();
}

// Forms that matter: directories of one block and of many, extents in the inode and in nodes,
// holes.
bool make_tree(const std::filesystem::path& root) {
    std::filesystem::create_directories(root / "a/b/c/d");
    std::filesystem::create_directories(root / "many");
    bool good = write_file(root / "a/file", 5000) && write_file(root / "a/b/large", 300'000) &&
                write_file(root / "a/b/c/tiny", 40);
    for (int i = 0; i < 80; ++i) {
        good = good && write_file(root / "many" / fmt::format("name-that-takes-room-{}", i), 0);
    }
    std::ofstream pieces(root / "a/pieces", std::ios::binary);
    for (int i = 0; i < 20; ++i) {
        pieces.seekp(i * 16384);
        pieces << std::string(4096, 'p');
    }
    std::filesystem::create_symlink("../many", root / "a/link");
    std::filesystem::create_symlink(std::string(100, 'x'), root / "a/long-link");
    return good && pieces.good();
}

std::vector<std::byte> load(const std::string& path) {
    const auto text = base::read_file(path, 64 << 20);
    if (!text) return {};
    const base::ByteSpan bytes = base::as_bytes(*text);
    return {bytes.begin(), bytes.end()};
}

std::vector<mutation::Mutator> make_mutators() {
    const std::vector<std::vector<std::string>> kinds{
        {"-t", "ext4", "-b", "1024", "-O", "^metadata_csum"},
        {"-t", "ext4", "-b", "4096", "-O", "^metadata_csum,^64bit,^has_journal"},
        {"-t", "ext4", "-b", "1024", "-O", "inline_data,^metadata_csum", "-I", "256"},
        {"-t", "ext2", "-b", "1024"},
        {"-t", "ext3", "-b", "1024"},
        {"-t", "ext4", "-b", "1024", "-O", "metadata_csum,64bit"},
        {"-t", "ext4", "-b", "1024", "-O", "bigalloc,^metadata_csum", "-C", "8192"},
    };
    const filesystem::testing::TemporaryDirectory directory;
    std::vector<mutation::Mutator> mutators;
    if (!make_tree(directory / "tree")) return mutators;
    for (const auto& options : kinds) {
        const std::string image = directory / ("image-" + std::to_string(mutators.size()));
        if (!filesystem::testing::make_image(image, options, directory / "tree", "4M")) return {};
        mutators.emplace_back(load(image));
    }
    return mutators;
}

void on_alarm(int) {
    constexpr std::string_view kMessage =
        "mutated_ext: one image took too long; run with --verbose to see which\n";
    [[maybe_unused]] const ssize_t written = ::write(2, kMessage.data(), kMessage.size());
    ::_exit(1);
}

struct Totals {
    std::uint64_t images = 0;
    std::uint64_t opened = 0;
    std::uint64_t errors = 0;
    double slowest = 0;
};

void try_one(const std::vector<mutation::Mutator>& mutators, std::uint64_t seed, Totals& totals) {
    ::alarm(kSecondsForOne);
    const auto started = Clock::now();
    const auto source = std::make_shared<filesystem::testing::MemorySource>(
        mutators[seed % mutators.size()].mutate(seed));
    if (const auto opened = filesystem::open_ext(source)) {
        ++totals.opened;
        totals.errors += filesystem::testing::walk_bounded(**opened).errors;
    }
    ++totals.images;
    const std::chrono::duration<double> took = Clock::now() - started;
    totals.slowest = std::max(totals.slowest, took.count());
    ::alarm(0);
}

int run(const Options& options) {
    const auto mutators = make_mutators();
    if (mutators.empty()) {
        fmt::print(stderr, "mutated_ext: mke2fs could not make the images\n");
        return 1;
    }
    std::signal(SIGALRM, on_alarm);
    const auto deadline = Clock::now() + std::chrono::seconds(options.seconds);
    Totals totals;
    for (std::uint64_t i = 0; i < options.count; ++i) {
        if (options.seconds != 0 && Clock::now() >= deadline) break;
        if (options.verbose) fmt::print(stderr, "seed {}\n", options.seed + i);
        try_one(mutators, options.seed + i, totals);
    }
    struct rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print("{} images, {} opened, {} errors met, slowest {:.2f} s, peak memory {} MiB\n",
               totals.images, totals.opened, totals.errors, totals.slowest, usage.ru_maxrss / 1024);
    // Damage that shows nowhere, or that lets no image open, would mean that nothing was tested.
    return totals.opened * 4 >= totals.images && totals.errors > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app("Reads randomly damaged ext images.");
    Options options;
    app.add_option("--count", options.count, "How many images");
    app.add_option("--seed", options.seed, "Of the first image; the next have the next numbers");
    app.add_option("--seconds", options.seconds, "Stop after so many; 0: no limit");
    app.add_flag("--verbose", options.verbose, "Name each seed before it is tried");
    CLI11_PARSE(app, argc, argv);
    return run(options);
} catch (const std::exception& error) {
    fmt::print(stderr, "mutated_ext: {}\n", error.what());
    return 1;
}
