#pragma once

#include <string>

#include "sql/testing/temporary_folder.h"

namespace vmsecurity::sql::testing {

// A PostgreSQL server of this test program alone: made and started at the first use, reached
// through a socket in a temporary folder, stopped and removed when the program ends. Its data is
// not synced to disk unless a test asks.
class PostgresServer {
  public:
    // Null if PostgreSQL is not installed or did not start; `why` says which.
    static PostgresServer* shared(std::string& why);

    // A server of its own, for tests that stop it. Started by start().
    explicit PostgresServer(std::string settings = "-c fsync=off -c deadlock_timeout=50ms");
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    bool start(std::string& why);
    // `mode` as in pg_ctl(1): "fast" lets nobody finish, "immediate" is a crash.
    bool stop(const std::string& mode);

    // A new empty database; the answer is a connection string. Empty if it cannot be made.
    std::string create_database();
    std::string connection(const std::string& database) const;

  private:
    bool initialise(std::string& why);

    TemporaryFolder folder_;
    std::string settings_;
    bool initialised_ = false;
    bool running_ = false;
    int databases_ = 0;
};

}  // namespace vmsecurity::sql::testing
