#pragma once

#include <optional>
#include <string_view>

#include "model/severity.h"

namespace vmsecurity::advisories {

// Version of a vector string times ten: 20 ("AV:N/AC:L/Au:N/C:P/I:P/A:P", with or without
// "CVSS:2.0/"), 30, 31, 40; 0 for anything else.
int cvss_version(std::string_view vector);

// The base score, 0.0 to 10.0 in steps of 0.1: CVSS v2 §3.2.1, v3.0 §8.1, v3.1 §7.1, v4.0 §8 (there
// with the threat and environmental metrics that the vector gives). nullopt if the vector lacks a
// base metric, gives one twice or has a value that the version does not know.
std::optional<double> cvss_base_score(std::string_view vector);

// The qualitative scale of v3.1 §5 and v4.0 §6: 0.0 is kNegligible, 0.1-3.9 low, 4.0-6.9 medium,
// 7.0-8.9 high, 9.0 and up critical.
model::Severity severity_of_score(double score);

}  // namespace vmsecurity::advisories
