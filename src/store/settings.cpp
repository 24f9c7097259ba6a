#include "store/settings.h"

#include <array>

namespace vmsecurity::store {

base::Result<std::optional<std::string>> get_setting(Store& store, std::string_view name,
                                                     Deadline deadline) {
    std::optional<std::string> json;
    VMSECURITY_TRY(store.database().read(
        [&](sql::Connection& connection) {
            json.reset();
            const std::array<sql::Value, 1> parameters = {std::string(name)};
            return connection.query("SELECT document FROM settings WHERE name = $1", parameters,
                                    [&](const sql::Row& row) {
                                        json = std::string(row.text(0));
                                        return false;
                                    });
        },
        deadline));
    return json;
}

base::Result<void> put_setting(Transaction& transaction, std::string_view name,
                               std::string_view json) {
    const std::array<sql::Value, 2> parameters = {std::string(name), std::string(json)};
    VMSECURITY_TRY(transaction.connection().execute(
        "INSERT INTO settings (name, document) VALUES ($1, $2) "
        "ON CONFLICT (name) DO UPDATE SET document = excluded.document",
        parameters));
    return {};
}

}  // namespace vmsecurity::store
