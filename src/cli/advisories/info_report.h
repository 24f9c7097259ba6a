#pragma once

#include <string>

#include "advisories/database.h"

namespace vmsecurity::cli {

// What an advisory file holds, for people (ages are told against `now`, RFC 3339) and as JSON.
std::string to_table(const advisories::DatabaseInfo& info, const std::string& file,
                     const std::string& now);
std::string to_json(const advisories::DatabaseInfo& info, const std::string& file);

}  // namespace vmsecurity::cli
