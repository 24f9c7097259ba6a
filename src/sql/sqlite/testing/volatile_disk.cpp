#include "sql/sqlite/testing/volatile_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <string_view>
#include <vector>

namespace vmsecurity::sql::sqlite::testing {
namespace {

constexpr std::size_t kSector = 512;

// A write or, without bytes, a change of the size to `offset`.
struct Change {
    std::size_t offset = 0;
    std::string bytes;
    bool resizes = false;
};

struct FileRecord {
    std::string synced;           // what certainly survives
    std::vector<Change> pending;  // in the order in which they were made
};

void put(std::string& content, std::size_t offset, std::string_view bytes) {
    if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
    content.replace(offset, bytes.size(), bytes);
}

void apply(std::string& content, const Change& change) {
    if (change.resizes) {
        content.resize(change.offset);
    } else {
        put(content, change.offset, change.bytes);
    }
}

void apply_some_sectors(std::string& content, const Change& change, std::mt19937_64& random) {
    if (change.resizes) {
        if (random() % 2 == 0) apply(content, change);
        return;
    }
    const std::string_view bytes = change.bytes;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t end =
            std::min(bytes.size(), at + kSector - ((change.offset + at) % kSector));
        if (random() % 2 == 0) put(content, change.offset + at, bytes.substr(at, end - at));
        at = end;
    }
}

}  // namespace

struct VolatileDisk::State {
    std::string name;
    sqlite3_vfs* real = nullptr;
    sqlite3_vfs vfs{};
    std::mutex mutex;
    std::map<std::string, FileRecord> files;
    bool off = false;
    bool ignores_syncs = false;
    std::atomic<bool> full = false;
    std::atomic<std::uint64_t> syncs = 0;
};

namespace {

using State = VolatileDisk::State;

// What SQLite holds for an open file; the real VFS's own part follows it in memory.
struct OpenFile {
    sqlite3_file base;
    State* state;
    FileRecord* record;  // null: a temporary file, of which nothing has to survive

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

OpenFile& of(sqlite3_file* file) {
    return *reinterpret_cast<OpenFile*>(file);
}
State& of(sqlite3_vfs* vfs) {
    return *static_cast<State*>(vfs->pAppData);
}
const sqlite3_io_methods& methods_of(sqlite3_file* file) {
    return *of(file).real()->pMethods;
}

int change(sqlite3_file* file, Change change) {
    OpenFile& open = of(file);
    if (open.record == nullptr) return SQLITE_OK;
    const std::scoped_lock lock(open.state->mutex);
    if (open.state->off) return SQLITE_IOERR_WRITE;
    open.record->pending.push_back(std::move(change));
    return SQLITE_OK;
}

int close(sqlite3_file* file) {
    return methods_of(file).xClose(of(file).real());
}
int read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    return methods_of(file).xRead(of(file).real(), out, size, offset);
}
int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
    if (of(file).state->full) return SQLITE_FULL;
    const int code =
        change(file, {static_cast<std::size_t>(offset),
                      std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size)),
                      false});
    return code != SQLITE_OK ? code : methods_of(file).xWrite(of(file).real(), bytes, size, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const int code = change(file, {static_cast<std::size_t>(size), {}, true});
    return code != SQLITE_OK ? code : methods_of(file).xTruncate(of(file).real(), size);
}
int sync(sqlite3_file* file, int /*flags*/) {
    OpenFile& open = of(file);
    if (open.record == nullptr) return SQLITE_OK;
    ++open.state->syncs;
    const std::scoped_lock lock(open.state->mutex);
    if (open.state->off) return SQLITE_IOERR_FSYNC;
    if (open.state->ignores_syncs) return SQLITE_OK;
    for (const Change& pending : open.record->pending) apply(open.record->synced, pending);
    open.record->pending.clear();
    return SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
    return methods_of(file).xFileSize(of(file).real(), size);
}
int lock(sqlite3_file* file, int level) {
    return methods_of(file).xLock(of(file).real(), level);
}
int unlock(sqlite3_file* file, int level) {
    return methods_of(file).xUnlock(of(file).real(), level);
}
int check_reserved_lock(sqlite3_file* file, int* result) {
    return methods_of(file).xCheckReservedLock(of(file).real(), result);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
    return methods_of(file).xFileControl(of(file).real(), operation, argument);
}
int sector_size(sqlite3_file* file) {
    return methods_of(file).xSectorSize(of(file).real());
}
int device_characteristics(sqlite3_file* file) {
    return methods_of(file).xDeviceCharacteristics(of(file).real());
}
int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    return methods_of(file).xShmMap(of(file).real(), region, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
    return methods_of(file).xShmLock(of(file).real(), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
    methods_of(file).xShmBarrier(of(file).real());
}
int shm_unmap(sqlite3_file* file, int remove) {
    return methods_of(file).xShmUnmap(of(file).real(), remove);
}

// Version 2: with shared memory for the log, without mapped reads, which would pass us by.
constexpr sqlite3_io_methods kMethods{
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = device_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    State& state = of(vfs);
    OpenFile& opened = of(file);
    opened.state = &state;
    opened.record = nullptr;
    file->pMethods = nullptr;
    const int code = state.real->xOpen(state.real, path, opened.real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    constexpr int kDurable = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    if (path != nullptr && (flags & kDurable) != 0) {
        const std::scoped_lock lock(state.mutex);
        opened.record = &state.files[path];
    }
    file->pMethods = &kMethods;
    return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    State& state = of(vfs);
    {
        const std::scoped_lock lock(state.mutex);
        if (state.off) return SQLITE_IOERR_DELETE;
        if (const auto found = state.files.find(path); found != state.files.end()) {
            found->second = {};  // stays: the log's file may still be open
        }
    }
    return state.real->xDelete(state.real, path, sync_folder);
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace

VolatileDisk::VolatileDisk() : state_(std::make_unique<State>()) {
    static std::atomic<int> count = 0;
    state_->name = "volatile" + std::to_string(++count);
    state_->real = sqlite3_vfs_find(nullptr);
    // The functions that are not of files stay the real ones: they do not look at their VFS.
    state_->vfs = *state_->real;
    state_->vfs.pNext = nullptr;
    state_->vfs.zName = state_->name.c_str();
    state_->vfs.pAppData = state_.get();
    state_->vfs.szOsFile = static_cast<int>(sizeof(OpenFile)) + state_->real->szOsFile;
    state_->vfs.xOpen = open;
    state_->vfs.xDelete = remove;
    sqlite3_vfs_register(&state_->vfs, 0);
}

VolatileDisk::~VolatileDisk() {
    sqlite3_vfs_unregister(&state_->vfs);
}

const std::string& VolatileDisk::vfs() const {
    return state_->name;
}
std::uint64_t VolatileDisk::syncs() const {
    return state_->syncs;
}
void VolatileDisk::set_full(bool full) {
    state_->full = full;
}

void VolatileDisk::ignore_syncs() {
    const std::scoped_lock lock(state_->mutex);
    state_->ignores_syncs = true;
}

void VolatileDisk::cut_power(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const std::scoped_lock lock(state_->mutex);
    state_->off = true;
    for (auto& [path, record] : state_->files) {
        for (const Change& change : record.pending) {
            apply_some_sectors(record.synced, change, random);
        }
        record.pending.clear();
    }
}

void VolatileDisk::restore_power() {
    const std::scoped_lock lock(state_->mutex);
    for (const auto& [path, record] : state_->files) {
        std::error_code ignored;
        std::filesystem::remove(path + "-shm", ignored);
        std::filesystem::remove(path, ignored);
        if (!record.synced.empty()) write_file(path, record.synced);
    }
    state_->off = false;
}

}  // namespace vmsecurity::sql::sqlite::testing
