#pragma once

#include <span>
#include <string_view>

#include "sql/migration.h"

namespace vmsecurity::store {

// All steps of a dialect's schema. Another step is one more line at the end of migrations.cpp.
std::span<const sql::Migration> migrations(sql::Dialect dialect);

extern const std::string_view kCollectionsSqlite;
extern const std::string_view kCollectionsPostgres;
extern const std::string_view kRecordsSqlite;
extern const std::string_view kRecordsPostgres;
extern const std::string_view kSettingsSqlite;
extern const std::string_view kSettingsPostgres;
extern const std::string_view kListIndexesSqlite;
extern const std::string_view kListIndexesPostgres;

}  // namespace vmsecurity::store
