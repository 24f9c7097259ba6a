#include "providers/local/local_provider.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "base/file_descriptor.h"
#include "base/identifiers.h"
#include "base/log.h"
#include "base/text.h"
#include "providers/local/backing_file.h"
#include "providers/local/catalog.h"
#include "providers/local/process_watch.h"
#include "providers/local/scanner_process.h"

namespace vmsecurity::providers::local {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kCopyAgain{200};
constexpr milliseconds kStopAgain{100};
// What a scanner that is asked to end has for telling the API so.
constexpr std::chrono::seconds kStopGrace{5};
constexpr std::size_t kMaxBackingFiles = 32;
constexpr std::uint64_t kMaxMarkBytes = 4096;
// Measured on a laptop's disk; only for estimates.
constexpr double kBytesPerSecond = 200e6;
constexpr double kStartSeconds = 2;

// Ids come from the API, and become names of folders.
bool is_safe_id(std::string_view id) {
    return !id.empty() && id.size() <= 100 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-';
    });
}

base::Result<void> write_file(const fs::path& path, std::string_view text) {
    const fs::path part = path.string() + ".part";
    {
        VMSECURITY_ASSIGN(const auto file,
                          base::open_file(part.string(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
        VMSECURITY_TRY(base::write_all(file.get(), base::as_bytes(text)));
    }
    std::error_code error;
    fs::rename(part, path, error);
    if (!error) return {};
    return base::fail(base::system_error(error.value(), "cannot write", path.string()));
}

base::Result<void> make_folder(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (!error) fs::permissions(path, fs::perms::owner_all, error);
    if (!error) return {};
    return base::fail(base::system_error(error.value(), "cannot make the folder", path.string()));
}

// The snapshot of one asset scan, made by a thread.
struct Copying {
    std::atomic<bool> finished = false;
    base::Result<void> result;
    std::jthread thread;  // last: joined while there is still something to write to
};

struct Folder {
    explicit Folder(fs::path place) : path(std::move(place)) {}
    fs::path path;
    fs::path snapshot() const { return path / "snapshot"; }
    // Holds, once the snapshot is whole: when it was begun (ns since 1970), and the path of what is
    // to be scanned.
    fs::path ready() const { return path / "ready"; }
    fs::path mark() const { return path / "asset-scan"; }
};

struct Ready {
    std::chrono::system_clock::time_point time;
    std::string target;
};

std::optional<Ready> read_ready(const Folder& folder) {
    const auto text = base::read_file(folder.ready().string(), kMaxMarkBytes);
    if (!text) return std::nullopt;
    const auto line = text->find('\n');
    if (line == std::string::npos) return std::nullopt;
    const auto count = base::parse_unsigned(std::string_view(*text).substr(0, line));
    if (!count) return std::nullopt;
    const std::chrono::nanoseconds since_epoch(static_cast<std::int64_t>(*count));
    return Ready{std::chrono::system_clock::time_point(
                     std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)),
                 text->substr(line + 1)};
}

std::vector<fs::path> files_of(const LocalMachine& machine) {
    std::vector<fs::path> files = {machine.disk};
    files.insert(files.end(), machine.further_disks.begin(), machine.further_disks.end());
    for (std::size_t i = 0; i < files.size() && i < kMaxBackingFiles; ++i) {
        const auto backing = backing_file_of(files[i]);
        if (backing && std::ranges::find(files, *backing) == files.end()) {
            files.push_back(*backing);
        }
    }
    return files;
}

// All disks into folder/snapshot, then the mark.
base::Result<void> make_snapshot(const LocalMachine& machine, const Folder& folder,
                                 SnapshotMode mode, const std::stop_token& stop) {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    fs::path target = machine.disk;
    if (mode != SnapshotMode::kInPlace) {
        std::error_code ignored;
        fs::remove_all(folder.snapshot(), ignored);  // of a try that was cut off
        VMSECURITY_TRY(make_folder(folder.snapshot()));
        for (const fs::path& file : files_of(machine)) {
            VMSECURITY_TRY(snapshot_file(file, folder.snapshot() / file.filename(), mode, stop));
        }
        target = folder.snapshot() / machine.disk.filename();
    }
    return write_file(folder.ready(), fmt::format("{}\n{}", now, target.string()));
}

class LocalProvider : public Provider {
  public:
    explicit LocalProvider(LocalOptions options)
        : options_(std::move(options)), watch_([this](const std::string& id) { tell(id); }) {}
    ~LocalProvider() override {
        for (auto& [id, copying] : copies_) copying->thread.request_stop();
    }

    std::string_view kind() const override { return "local"; }
    std::string display_name() const override {
        return "local images in " + options_.directory.string();
    }
    Capabilities capabilities() const override {
        return {.estimates = true, .consistent_snapshots = false};
    }

    base::Result<DiscoveryReport> discover(const std::function<void(DiscoveredAsset)>& found,
                                           std::stop_token stop) override;
    base::Result<Step> start(const ScanJob& job) override;
    base::Result<ScannerStatus> status(std::string_view asset_scan_id) override;
    base::Result<Step> remove(std::string_view asset_scan_id) override;
    base::Result<std::vector<OwnedResource>> list_owned() override;
    base::Result<Estimate> estimate(const ScanJob& job) override;
    void set_listener(Listener listener) override {
        const std::lock_guard lock(mutex_);
        listener_ = std::move(listener);
    }

  private:
    Folder folder_of(std::string_view id) const { return Folder(options_.state / id); }
    base::Result<LocalMachine> machine_of(const ScanJob& job) const;
    // Nothing: it is ready. A step: not yet.
    base::Result<std::optional<Step>> prepare(const ScanJob& job, const Folder& folder);
    base::Result<void> launch(const ScanJob& job, const Folder& folder, const Ready& ready);
    void tell(const std::string& id);

    LocalOptions options_;
    std::mutex mutex_;
    Listener listener_;
    std::map<std::string, std::shared_ptr<Copying>, std::less<>> copies_;
    std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> stopping_;
    ProcessWatch watch_;  // last: its thread calls tell()
};

void LocalProvider::tell(const std::string& id) {
    Listener listener;
    {
        const std::lock_guard lock(mutex_);
        listener = listener_;
    }
    if (listener) listener(id);
}

base::Result<DiscoveryReport> LocalProvider::discover(
    const std::function<void(DiscoveredAsset)>& found, std::stop_token stop) {
    VMSECURITY_ASSIGN(const Catalog catalog, read_catalog(options_.directory));
    DiscoveryReport report;
    for (const CatalogFault& fault : catalog.faults) {
        report.failures.push_back({"", fault.name, fault.reason});
    }
    for (const LocalMachine& machine : catalog.machines) {
        if (stop.stop_requested()) {
            return base::fail(base::ErrorCode::kCancelled, "the discovery was stopped");
        }
        auto info = machine.info();
        if (info) {
            found({std::move(*info)});
        } else {
            report.failures.push_back({"", machine.name, info.error().describe()});
        }
    }
    return report;
}

base::Result<LocalMachine> LocalProvider::machine_of(const ScanJob& job) const {
    const std::string_view name = codec::text_member(job.asset_info, "instanceID");
    if (codec::text_member(job.asset_info, "objectType") != "VMInfo" || name.empty()) {
        return base::fail(base::ErrorCode::kUnsupported,
                          "the local provider scans its own images alone; this asset is none");
    }
    return find_machine(options_.directory, name);
}

base::Result<std::optional<Step>> LocalProvider::prepare(const ScanJob& job, const Folder& folder) {
    std::shared_ptr<Copying> ended;
    {
        const std::lock_guard lock(mutex_);
        if (const auto running = copies_.find(job.asset_scan_id); running != copies_.end()) {
            if (!running->second->finished) return Step{.finished = false, .again = kCopyAgain};
            ended = std::move(running->second);
            copies_.erase(running);
        }
    }
    if (ended) {
        ended->thread.join();  // not under the lock, which its last act may need
        if (!ended->result) return base::fail(ended->result.error());
        return std::nullopt;
    }
    VMSECURITY_ASSIGN(auto machine, machine_of(job));
    auto copying = std::make_shared<Copying>();
    const std::lock_guard lock(mutex_);
    copies_[job.asset_scan_id] = copying;
    copying->thread = std::jthread([this, copying = copying.get(), machine = std::move(machine),
                                    folder, id = job.asset_scan_id](const std::stop_token& stop) {
        copying->result = make_snapshot(machine, folder, options_.snapshot, stop);
        copying->finished = true;
        if (!stop.stop_requested()) tell(id);
    });
    return Step{.finished = false, .again = kCopyAgain};
}

base::Result<void> LocalProvider::launch(const ScanJob& job, const Folder& folder,
                                         const Ready& ready) {
    const fs::path config = folder.path / "families.yaml";
    const fs::path token = folder.path / "token";
    VMSECURITY_TRY(write_file(config, job.families_config));
    std::vector<std::string> arguments = {"scan",      ready.target,      "--server",
                                          job.api_url, "--asset-scan-id", job.asset_scan_id,
                                          "--config",  config.string(),   "--progress",
                                          "never"};
    if (!job.token.empty()) {
        VMSECURITY_TRY(write_file(token, job.token));
        arguments.insert(arguments.end(), {"--token-file", token.string()});
    }
    if (!job.api_ca_file.empty()) {
        arguments.insert(arguments.end(), {"--ca", job.api_ca_file});
    }
    if (!job.advisories.empty()) {
        arguments.insert(arguments.end(), {"--advisories", job.advisories});
    }
    if (options_.snapshot == SnapshotMode::kInPlace) arguments.emplace_back("--require-unchanged");
    VMSECURITY_ASSIGN(const pid_t pid,
                      ScannerProcess(folder.path).start(options_.scanner, arguments));
    watch_.add(pid, job.asset_scan_id);
    return {};
}

base::Result<Step> LocalProvider::start(const ScanJob& job) {
    if (!is_safe_id(job.asset_scan_id)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the asset scan's id is no name");
    }
    const Folder folder = folder_of(job.asset_scan_id);
    auto status = this->status(job.asset_scan_id);
    if (!status) return base::fail(std::move(status).error());
    std::optional<Ready> ready = read_ready(folder);
    if (status->state == ScannerState::kAbsent) {
        if (!ready) {
            VMSECURITY_TRY(make_folder(folder.path));
            VMSECURITY_TRY(write_file(folder.mark(), job.asset_scan_id));
            VMSECURITY_ASSIGN(const auto step, prepare(job, folder));
            if (step) return *step;
            ready = read_ready(folder);
        }
        if (!ready) {
            return base::fail(base::ErrorCode::kUnavailable, "the snapshot vanished",
                              folder.path.string());
        }
        VMSECURITY_TRY(launch(job, folder, *ready));
    }
    Step step{.finished = true};
    if (ready) step.snapshot_time = ready->time;
    return step;
}

base::Result<ScannerStatus> LocalProvider::status(std::string_view asset_scan_id) {
    const Folder folder = folder_of(asset_scan_id);
    const ScannerProcess process(folder.path);
    const auto running = process.find();
    if (!running) {
        if (running.error().code != base::ErrorCode::kUnavailable) {
            return base::fail(running.error());
        }
        return ScannerStatus{ScannerState::kRunning, {}};
    }
    if (*running) {
        return ScannerStatus{ScannerState::kRunning, {}};
    }
    std::error_code ignored;
    if (!fs::exists(folder.path / "scanner.pid", ignored)) return ScannerStatus{};
    std::string words = process.last_words();
    return ScannerStatus{ScannerState::kEnded,
                         words.empty() ? "the scanner ended without a word" : std::move(words)};
}

base::Result<Step> LocalProvider::remove(std::string_view asset_scan_id) {
    if (!is_safe_id(asset_scan_id)) return Step{.finished = true};
    const Folder folder = folder_of(asset_scan_id);
    const std::string id(asset_scan_id);
    const auto now = std::chrono::steady_clock::now();
    bool first_time = false;
    bool is_overdue = false;
    std::shared_ptr<Copying> ended;  // joined last, without the lock, which its last act may need
    {
        const std::lock_guard lock(mutex_);
        if (const auto copying = copies_.find(id); copying != copies_.end()) {
            copying->second->thread.request_stop();
            if (!copying->second->finished) return Step{.finished = false, .again = kStopAgain};
            ended = std::move(copying->second);
            copies_.erase(copying);
        }
        const auto [since, is_new] = stopping_.try_emplace(id, now);
        first_time = is_new;
        is_overdue = now - since->second > kStopGrace;
    }
    ended.reset();
    const ScannerProcess process(folder.path);
    const auto running = process.find();
    if (!running || *running) {
        if (first_time || is_overdue) {
            static_cast<void>(process.signal(is_overdue ? SIGKILL : SIGTERM));
        }
        return Step{.finished = false, .again = kStopAgain};
    }
    std::error_code error;
    fs::remove_all(folder.path, error);
    const std::lock_guard lock(mutex_);
    stopping_.erase(id);
    if (error) {
        return base::fail(
            base::system_error(error.value(), "cannot remove the snapshot", folder.path.string()));
    }
    return Step{.finished = true};
}

base::Result<std::vector<OwnedResource>> LocalProvider::list_owned() {
    std::vector<OwnedResource> owned;
    std::error_code error;
    for (auto entry = fs::directory_iterator(options_.state, error);
         !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        struct stat status{};
        const Folder folder(entry->path());
        // Only what carries our mark is ours.
        if (!is_safe_id(name) || ::stat(folder.mark().c_str(), &status) != 0) continue;
        owned.push_back({name, "snapshot", entry->path().string(),
                         std::chrono::system_clock::from_time_t(status.st_mtim.tv_sec)});
    }
    if (error) {
        return base::fail(base::system_error(error.value(), "cannot list the snapshots",
                                             options_.state.string()));
    }
    std::ranges::sort(owned, {}, &OwnedResource::name);
    return owned;
}

base::Result<Estimate> LocalProvider::estimate(const ScanJob& job) {
    VMSECURITY_ASSIGN(const auto machine, machine_of(job));
    std::uint64_t bytes = 0;
    for (const fs::path& file : files_of(machine)) {
        struct stat status{};
        if (::stat(file.c_str(), &status) == 0) {
            constexpr std::uint64_t kBlock = 512;
            bytes += static_cast<std::uint64_t>(status.st_blocks) * kBlock;
        }
    }
    Estimate estimate;
    estimate.size_gigabytes = static_cast<double>(bytes) / 1e9;
    estimate.duration = std::chrono::seconds(
        static_cast<std::int64_t>(kStartSeconds + static_cast<double>(bytes) / kBytesPerSecond));
    return estimate;
}

}  // namespace

base::Result<std::unique_ptr<Provider>> make_local_provider(LocalOptions options) {
    std::error_code error;
    if (!fs::is_directory(options.directory, error)) {
        return base::fail(base::ErrorCode::kInvalidArgument, "the directory of images is not there",
                          options.directory.string());
    }
    VMSECURITY_TRY(make_folder(options.state));
    return std::make_unique<LocalProvider>(std::move(options));
}

}  // namespace vmsecurity::providers::local
