#include "bench/api/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bench/api/process_usage.h"
#include "bench/measure.h"
#include "sql/query.h"
#include "store/findings/finding_row.h"

namespace vmsecurity::bench {

double Session::cpu() const {
    auto processes = database.processes();
    processes.push_back(server.process());
    return cpu_milliseconds(processes);
}

base::Result<double> raw_insert(sql::Database& database, findings::FindingType type,
                                std::size_t rows) {
    std::vector<std::string> values;
    for (const std::string_view column : store::finding_columns()) {
        if (column == "id") {
            values.emplace_back("'raw-' || row_id");
        } else if (column == "asset_id") {
            values.emplace_back("'raw'");
        } else {
            values.emplace_back(column);
        }
    }
    const std::string text = fmt::format(
        "INSERT INTO finding_rows ({}) SELECT {} FROM finding_rows WHERE object_type = $1 AND "
        "invalidated_on IS NULL ORDER BY row_id LIMIT $2",
        fmt::join(store::finding_columns(), ", "), fmt::join(values, ", "));
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    const Stopwatch watch;
    VMSECURITY_TRY(database.write_large(
        [&](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(connection.execute(text, sql::bind(to_string(type), rows)));
            return {};
        },
        end));
    const double time = watch.milliseconds();
    VMSECURITY_TRY(database.write_large(
        [](sql::Connection& connection) -> base::Result<void> {
            VMSECURITY_TRY(connection.execute("DELETE FROM finding_rows WHERE asset_id = 'raw'"));
            return {};
        },
        end));
    return time;
}

}  // namespace vmsecurity::bench
