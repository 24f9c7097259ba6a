#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sql/connection.h"
#include "sql/postgres/session.h"
#include "sql/statement_cache.h"

namespace vmsecurity::sql::postgres {

// One session with its prepared statements; used by one thread at a time.
class PostgresConnection final : public Connection {
  public:
    using Connection::execute;
    using Connection::query;
    using Clock = std::chrono::steady_clock;

    PostgresConnection(std::unique_ptr<Session> session, std::size_t statement_cache);

    Dialect dialect() const override { return Dialect::kPostgres; }
    base::Result<std::uint64_t> execute(std::string_view text,
                                        std::span<const Value> parameters = {}) override;
    base::Result<void> query(std::string_view text, std::span<const Value> parameters,
                             const Visit& visit) override;
    base::Result<void> execute_script(std::string_view text) override;
    base::Result<std::uint64_t> insert_rows(std::string_view table,
                                            std::span<const std::string_view> columns,
                                            std::span<const std::string_view> types,
                                            std::span<const std::vector<Value>> rows,
                                            std::string_view conflict) override;
    base::Result<void> notify(std::string_view channel, std::string_view payload) override;

    base::Result<void> begin(bool writes, Clock::time_point deadline);
    base::Result<void> commit();
    void roll_back();

    Session& session() { return *session_; }

  private:
    struct Prepared {
        std::string name;
        bool binary_results = false;
    };

    base::Result<void> check_usable();
    base::Result<Prepared*> prepare(std::string_view text, std::span<const Oid> types);
    base::Result<Prepared> make_prepared(std::string_view text, std::span<const Oid> types);
    base::Result<void> start(std::string_view text, std::span<const Oid> types,
                             std::span<const Parameter> parameters, bool row_by_row);
    base::Result<std::uint64_t> count_changed();

    std::unique_ptr<Session> session_;
    StatementCache<Prepared> statements_;
    std::vector<std::string> evicted_;  // names the server still knows
    std::uint64_t next_name_ = 0;
    bool visiting_ = false;
};

}  // namespace vmsecurity::sql::postgres
