#pragma once

namespace vmsecurity::sql {

// PostgreSQL: whoever waits for notifications (Database::listen) holds this advisory lock in shared
// mode. Who gets it exclusively knows that no server uses the database.
inline constexpr int kListenersLock = 7216;

}  // namespace vmsecurity::sql
