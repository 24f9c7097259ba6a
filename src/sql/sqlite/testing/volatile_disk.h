#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace vmsecurity::sql::sqlite::testing {

// A disk whose power can fail, as an SQLite VFS over the real one (sqlite.org/vfs.html). What was
// written and not yet synced may be lost, in any part and in any order: each 512-byte sector of
// each such write survives or does not.
class VolatileDisk {
  public:
    VolatileDisk();
    ~VolatileDisk();  // after the databases that use it
    VolatileDisk(const VolatileDisk&) = delete;
    VolatileDisk& operator=(const VolatileDisk&) = delete;

    // For sqlite::Options::vfs.
    const std::string& vfs() const;

    // A disk that says it has synced and has not.
    void ignore_syncs();
    // Writes fail from now on, as on a full disk.
    void set_full(bool full);

    // What is on the disk is decided at this moment; writes and syncs fail from now on.
    void cut_power(std::uint64_t seed);
    // Gives the files the content that survived. Databases must be closed.
    void restore_power();

    std::uint64_t syncs() const;

    struct State;  // seen by the VFS's functions

  private:
    std::unique_ptr<State> state_;
};

}  // namespace vmsecurity::sql::sqlite::testing
